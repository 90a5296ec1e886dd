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
  files: Readonly<Record<string, string>> = {}
): Promise<Cloud> {
  const directory = mkdtempSync(join(root, 'azure-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  const environment = { AZURE_CONFIG_DIR: directory }
  const settings = new Settings(['azureEnv', 'azureEnvMetadataUrl', 'audience', 'timeout'], flags, environment)
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
