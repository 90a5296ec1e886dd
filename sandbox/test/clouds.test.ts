import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type CloudName, cloudNamed, type Sandbox, startSandbox } from '../src/sandbox.js'
import { ask, askToken, operatorForm } from './client.js'

interface Expected {
  readonly name: CloudName
  readonly published: string
  readonly login: string
  readonly graph: string
  readonly arm: string
  readonly audience: string
}

/** These values are from Microsoft's documentation, not from the sandbox. */
const clouds: readonly Expected[] = [
  {
    name: 'AzurePublicCloud',
    published: 'AzureCloud',
    login: 'login.microsoftonline.com',
    graph: 'graph.microsoft.com',
    arm: 'management.azure.com',
    audience: 'api://AzureADTokenExchange'
  },
  {
    name: 'AzureUSGovernmentCloud',
    published: 'AzureUSGovernment',
    login: 'login.microsoftonline.us',
    graph: 'graph.microsoft.us',
    arm: 'management.usgovcloudapi.net',
    audience: 'api://AzureADTokenExchangeUSGov'
  },
  {
    name: 'AzureChinaCloud',
    published: 'AzureChinaCloud',
    login: 'login.chinacloudapi.cn',
    graph: 'microsoftgraph.chinacloudapi.cn',
    arm: 'management.chinacloudapi.cn',
    audience: 'api://AzureADTokenExchangeChina'
  }
]

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'azwi-clouds-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

/** Fetches the metadata document as a client does that uses this host name. */
async function metadata(sandbox: Sandbox, host: string): Promise<Record<string, unknown>> {
  const url = `${sandbox.state.endpoints.arm}/metadata/endpoints?api-version=2022-09-01`
  return (await ask(sandbox, url, { headers: { host } })).json
}

describe.each(clouds)('$name', ({ name, published, login, graph, arm, audience }) => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await startSandbox({ cloud: name })
  })
  afterAll(() => sandbox.close())

  it('has its name, its audience for the exchange and its published endpoints', async () => {
    expect(sandbox.state.cloud).toMatchObject({ name: published, audience })
    const document = await metadata(sandbox, arm)
    expect(document).toMatchObject({
      name: published,
      resourceManager: `https://${arm}/`,
      microsoftGraphResourceId: `https://${graph}/`,
      authentication: { loginEndpoint: `https://${login}` }
    })
    expect(JSON.stringify(document)).not.toContain('localhost')
    for (const other of clouds.filter(each => each.name !== name)) {
      for (const host of [other.login, other.graph, other.arm])
        expect(JSON.stringify(document)).not.toContain(`"https://${host}`)
    }
  })

  it('answers only requests to its own host names or to loopback, and names the endpoints to match', async () => {
    const { endpoints } = sandbox.state
    expect(await metadata(sandbox, `localhost:${new URL(endpoints.arm).port}`)).toMatchObject({
      name: published,
      resourceManager: `${endpoints.arm}/`,
      microsoftGraphResourceId: `${endpoints.graph}/`
    })
    for (const other of clouds) {
      const status = other.name === name ? 401 : 421
      await expect(
        ask(sandbox, `${endpoints.graph}/v1.0/applications`, { headers: { host: other.graph } })
      ).resolves.toMatchObject({ status })
    }
    // A service does not answer to the host name of another one.
    await expect(
      ask(sandbox, `${endpoints.graph}/v1.0/applications`, { headers: { host: arm } })
    ).resolves.toMatchObject({ status: 421 })
    expect(sandbox.requests.map(({ host }) => host)).toContain(graph)
  })

  it('issues tokens only for its own Graph and ARM', async () => {
    for (const other of clouds) {
      for (const resource of [other.graph, other.arm]) {
        const { json } = await askToken(sandbox, { ...operatorForm(sandbox), scope: `https://${resource}/.default` })
        if (other.name === name) expect(json).toHaveProperty('access_token')
        else expect(json).toMatchObject({ error_codes: [500011] })
      }
    }
  })

  it('is configured in the environment by a proxy, without a metadata document', async () => {
    const environment = await sandbox.environment(await temporaryDirectory(), {
      NO_PROXY: `.corp,*.${graph.split('.').slice(1).join('.')},${arm}:443`
    })
    expect(environment).toMatchObject({
      AZURE_AUTHORITY_HOST: `https://${login}`,
      HTTPS_PROXY: sandbox.proxyUrl,
      https_proxy: sandbox.proxyUrl,
      NO_PROXY: '.corp,localhost,127.0.0.1,::1',
      no_proxy: '.corp,localhost,127.0.0.1,::1'
    })
    expect(environment).not.toHaveProperty('ARM_CLOUD_METADATA_URL')
  })

  it('has every name of its login host in the instance discovery document', async () => {
    const { json } = await ask(sandbox, `${sandbox.state.endpoints.entra}/common/discovery/instance`, {
      headers: { host: login }
    })
    expect(json).toMatchObject({ metadata: [{ aliases: expect.arrayContaining([login]) as string[] }] })
  })
})

describe('the name of a cloud', () => {
  it('is that of the SDKs or of the Azure CLI, in any letter case', () => {
    expect(['azurecloud', 'AZUREUSGOVERNMENT', 'azurechinacloud', 'AzurePublicCloud'].map(cloudNamed)).toEqual([
      'AzureCloud',
      'AzureUSGovernment',
      'AzureChinaCloud',
      'AzurePublicCloud'
    ])
    expect(cloudNamed('AzureGermanCloud')).toBeUndefined()
  })

  it('is by default that of the public cloud, on loopback only', async () => {
    const sandbox = await startSandbox()
    onTestFinished(() => sandbox.close())
    expect(sandbox.state.cloud.name).toBe('AzureCloud')
    expect(sandbox.proxyUrl).toBeUndefined()
    await expect(
      ask(sandbox, sandbox.state.endpoints.graph, { headers: { host: 'graph.microsoft.com' } })
    ).resolves.toMatchObject({ status: 421 })
  })
})
