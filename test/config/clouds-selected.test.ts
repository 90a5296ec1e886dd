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

/** The cloud that a command would use, with these flags and these files of the Azure CLI. */
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
    app.close()
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
    ['nothing said', {}, {}, common],
    ['--azure-env', { azureEnv: 'AzureUSGovernmentCloud' }, {}, government],
    ["--azure-env in az's words", { azureEnv: 'azureusgovernment' }, {}, government],
    ['--azure-env', { azureEnv: 'AzureChinaCloud' }, {}, china],
    ["az's selected cloud", {}, selected('AzureUSGovernment'), government],
    ["az's selected cloud", {}, selected('AzureChinaCloud'), china],
    ["az's selected cloud", {}, selected('AzureCloud'), common],
    ["--azure-env before az's", { azureEnv: 'AzureCloud' }, selected('AzureChinaCloud'), common],
    [
      'only an audience',
      { azureEnv: 'AzureChinaCloud', audience: 'api://Mine' },
      {},
      { ...china, exchangeAudience: 'api://Mine' }
    ]
  ])('by %s %j', async (_, flags, files, expected) => {
    const found = await cloud(flags, files)
    expect(found).toMatchObject(expected)
    expect(found.resourceManagerAudience).toBe(found.resourceManager)
  })

  it.each(['Mine', 'my cloud', 'local.azurestack.external', 'AzureStack-1'])(
    'that was registered with az by hand, as %s',
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

  it('that was registered without Microsoft Graph is refused with what it lacks, not as a name that nobody knows', async () => {
    await expect(cloud({}, selected('Mine', registered('Mine')))).rejects.toMatchObject({
      message: expect.stringMatching(/Mine.*(graph|endpoint)/i) as string,
      hint: expect.stringContaining('az cloud update') as string
    })
  })

  it('that az has selected and nobody registered is refused with its name', async () => {
    await expect(cloud({}, selected('Gone'))).rejects.toMatchObject({
      message: expect.stringContaining('Gone') as string,
      exitCode: 2
    })
  })
})
