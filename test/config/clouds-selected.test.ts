import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/app.js'
import type { Cloud } from '../../src/config/clouds.js'
import { Settings } from '../../src/config/settings.js'
import { recordedIo } from '../helpers/recorded-io.js'

const root = mkdtempSync(join(tmpdir(), 'azwi-clouds-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})

/** Returns the cloud that a command uses with these flags and these files of the Azure CLI. */
async function cloud(
  flags: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  variables: Readonly<Record<string, string>> = {}
): Promise<Cloud> {
  const directory = mkdtempSync(join(root, 'azure-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  const environment = { AZURE_CONFIG_DIR: directory, ...variables }
  const names = ['azureEnv', 'azureEnvMetadataUrl', 'audience', 'timeout', 'authMethod', 'clientId'] as const
  const settings = new Settings([...names, 'clientSecret'], flags, environment)
  const app = createApp(recordedIo(environment).io, settings)
  try {
    return await app.cloud()
  } finally {
    await app.close()
  }
}
const selected = (name: string, section = '') => ({ config: `[cloud]\nname = ${name}\n`, 'clouds.config': section })
const government = {
  authority: 'https://login.microsoftonline.us',
  graph: 'https://graph.microsoft.us',
  resourceManager: 'https://management.usgovcloudapi.net',
  exchangeAudience: 'api://AzureADTokenExchangeUSGov'
}
const china = {
  authority: 'https://login.chinacloudapi.cn',
  graph: 'https://microsoftgraph.chinacloudapi.cn',
  resourceManager: 'https://management.chinacloudapi.cn',
  exchangeAudience: 'api://AzureADTokenExchangeChina'
}
const common = {
  authority: 'https://login.microsoftonline.com',
  graph: 'https://graph.microsoft.com',
  resourceManager: 'https://management.azure.com',
  exchangeAudience: 'api://AzureADTokenExchange'
}
const registered = (name: string, more = '') =>
  `[AzureCloud]\nsubscription = 11111111-2222-4333-8444-555555555555\n[${name}]\nendpoint_active_directory = https://login.mine.example/\n` +
  `endpoint_resource_manager = https://arm.mine.example/\nendpoint_active_directory_resource_id = https://audience.mine.example/id/\n${more}`
const withGraph = 'endpoint_microsoft_graph_resource_id = https://graph.mine.example/\n'

describe('the cloud', () => {
  it.each([
    ['default', {}, {}, common],
    ['--azure-env', { azureEnv: 'AzureUSGovernmentCloud' }, {}, government],
    ["--azure-env with the Azure CLI's name", { azureEnv: 'azureusgovernment' }, {}, government],
    ['--azure-env', { azureEnv: 'AzureChinaCloud' }, {}, china],
    ["the Azure CLI's selected cloud", {}, selected('AzureUSGovernment'), government],
    ["the Azure CLI's selected cloud", {}, selected('AzureChinaCloud'), china],
    ["the Azure CLI's selected cloud", {}, selected('AzureCloud'), common],
    [
      "--azure-env before the Azure CLI's selected cloud",
      { azureEnv: 'AzureCloud' },
      selected('AzureChinaCloud'),
      common
    ],
    [
      '--audience, for the audience only,',
      { azureEnv: 'AzureChinaCloud', audience: 'api://Mine' },
      {},
      { ...china, exchangeAudience: 'api://Mine' }
    ]
  ])('is chosen by %s %j', async (_, flags, files, expected) => {
    const found = await cloud(flags, files)
    expect(found).toMatchObject(expected)
    expect(found.resourceManagerAudience).toBe(found.resourceManager)
  })

  it.each(['Mine', 'my cloud', 'local.azurestack.external', 'AzureStack-1'])(
    'is the one registered with az cloud register, as %s',
    async name => {
      expect(await cloud({}, selected(name, registered(name, withGraph)))).toEqual({
        name,
        authority: 'https://login.mine.example',
        resourceManager: 'https://arm.mine.example',
        graph: 'https://graph.mine.example',
        resourceManagerAudience: 'https://audience.mine.example/id',
        exchangeAudience: 'api://AzureADTokenExchange'
      })
    }
  )

  it('is refused if it is registered without Microsoft Graph; the hint has the command to add it', async () => {
    await expect(cloud({}, selected('Mine', registered('Mine')))).rejects.toMatchObject({
      message: expect.stringMatching(/Mine.*(graph|endpoint)/i) as string,
      hint: expect.stringContaining('az cloud update') as string
    })
  })

  it('is refused by its name if the Azure CLI has selected it without registering it', async () => {
    await expect(cloud({}, selected('Gone'))).rejects.toMatchObject({
      message: expect.stringContaining('Gone') as string,
      exitCode: 2
    })
  })
})

const authorityHost = (url: string) => ({ AZURE_AUTHORITY_HOST: url })
const withSecret = { clientId: '11111111-2222-4333-8444-555555555555', clientSecret: 'a-Secret' }
const loggedIn = {
  'azureProfile.json': JSON.stringify({ subscriptions: [{ id: '11111111-2222-4333-8444-555555555555' }] })
}

describe('the environment', () => {
  it.each([
    ['https://login.microsoftonline.us/', government],
    ['https://login.microsoftonline.us', government],
    ['https://login.usgovcloudapi.net', government],
    ['https://login.chinacloudapi.cn/', china],
    ['https://login.partner.microsoftonline.cn/', china],
    ['https://login.microsoftonline.com/', common],
    ['https://login.windows.net', common],
    ['https://login.mine.example', { name: 'Mine' }]
  ])('overrides the files of the Azure CLI: AZURE_AUTHORITY_HOST %s', async (url, expected) => {
    const sections = registered('Mine', withGraph)
    for (const name of ['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud', 'Mine'])
      expect(await cloud(withSecret, selected(name, sections), authorityHost(url))).toMatchObject(expected)
    expect(await cloud(withSecret, { 'clouds.config': sections }, authorityHost(url))).toMatchObject(expected)
  })

  it('overrides them with AZURE_CLOUD_NAME too, as in the Azure CLI', async () => {
    const variables = { AZURE_CLOUD_NAME: 'AzureUSGovernment' }
    expect(await cloud({}, selected('AzureCloud'), variables)).toMatchObject(government)
    expect(await cloud({}, selected('Mine', registered('Mine', withGraph)), variables)).toMatchObject(government)
    expect(await cloud({}, selected('AzureChinaCloud'), { AZURE_CLOUD_NAME: '' })).toMatchObject(china)
    const both = { ...variables, ...authorityHost('https://login.chinacloudapi.cn') }
    expect(await cloud({}, selected('AzureCloud'), both)).toMatchObject(china)
  })

  it('is overridden by --azure-env', async () => {
    const variables = authorityHost('https://login.microsoftonline.com')
    expect(await cloud({ azureEnv: 'AzureChinaCloud' }, selected('AzureCloud'), variables)).toMatchObject(china)
    expect(await cloud({ azureEnv: 'AzureChinaCloud' }, {}, authorityHost('nonsense'))).toMatchObject(china)
  })

  it('agrees with the selected cloud if that has the same authority, as Azure Stack can', async () => {
    const stack = registered('Stack', withGraph).replace('login.mine.example', 'login.microsoftonline.com')
    const variables = authorityHost('https://login.microsoftonline.com/')
    expect(await cloud({}, selected('Stack', stack), variables)).toMatchObject({ name: 'Stack' })
    expect(await cloud({}, selected('AzureCloud', stack), variables)).toMatchObject(common)
  })

  it.each([
    'https://login.sovcloud-identity.fr/',
    'https://management.azure.com',
    'login.microsoftonline.us',
    'nonsense',
    'https://constructor'
  ])('does not fall back to the public cloud for AZURE_AUTHORITY_HOST %s', async url => {
    for (const files of [{}, selected('AzureCloud'), selected('AzureUSGovernment')])
      await expect(cloud({}, files, authorityHost(url))).rejects.toMatchObject({
        message: expect.stringContaining(`AZURE_AUTHORITY_HOST "${url}"`) as string,
        hint: expect.stringContaining('ARM_CLOUD_METADATA_URL') as string,
        exitCode: 2
      })
  })

  it('is refused if several registered clouds have the authority', async () => {
    const sections = registered('Mine', withGraph) + registered('Yours', withGraph).replace(/^\[AzureCloud\]\n.*\n/, '')
    await expect(
      cloud({}, selected('AzureCloud', sections), authorityHost('https://login.mine.example/'))
    ).rejects.toMatchObject({ message: expect.stringContaining('Mine, Yours') as string, exitCode: 2 })
  })
})

describe('a login with the Azure CLI', () => {
  const gov = authorityHost('https://login.microsoftonline.us/')

  it.each([
    ['--azure-env', { azureEnv: 'AzureUSGovernmentCloud' }, {}, selected('AzureCloud'), 'AzureCloud'],
    ['--azure-env', { azureEnv: 'AzureUSGovernmentCloud' }, {}, {}, 'AzureCloud'],
    ['AZURE_AUTHORITY_HOST', {}, gov, selected('AzureCloud'), 'AzureCloud'],
    ['AZURE_AUTHORITY_HOST', {}, gov, {}, 'AzureCloud'],
    ['AZURE_AUTHORITY_HOST', {}, gov, selected('Mine', registered('Mine')), 'Mine'],
    [
      'AZURE_AUTHORITY_HOST',
      { authMethod: 'cli' },
      { ...gov, AZURE_CLOUD_NAME: 'AzureChinaCloud' },
      {},
      'AzureChinaCloud'
    ]
  ])('is refused if %s selects another cloud (%j %j)', async (origin, flags, variables, files, name) => {
    await expect(cloud(flags, { ...files, ...loggedIn }, variables)).rejects.toMatchObject({
      message: expect.stringMatching(
        new RegExp(
          `^${origin} selects AzureUSGovernmentCloud \\(https://login.microsoftonline.us\\), .* ${name} \\(https://`
        )
      ) as string,
      hint: expect.stringContaining('az cloud set --name AzureUSGovernment && az login') as string,
      exitCode: 2
    })
  })

  it('is used if both mean the same cloud', async () => {
    expect(await cloud({}, { ...selected('AzureUSGovernment'), ...loggedIn }, gov)).toMatchObject(government)
    const alias = authorityHost('https://login.windows.net')
    expect(await cloud({}, { ...selected('AzureCloud'), ...loggedIn }, alias)).toMatchObject(common)
    expect(await cloud({}, loggedIn, alias)).toMatchObject(common)
  })

  it('does not matter if another login is used, or nobody is logged in', async () => {
    for (const flags of [withSecret, { authMethod: 'client_certificate' }, { authMethod: 'managed_identity' }])
      expect(await cloud(flags, { ...selected('AzureCloud'), ...loggedIn }, gov)).toMatchObject(government)
    expect(await cloud({}, selected('AzureCloud'), gov)).toMatchObject(government)
  })
})
