import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CloudName, type LoggedRequest, startSandbox } from '../src/sandbox.js'

/** The host names that Microsoft documents for each cloud. The login of China has two, and MSAL prefers the second. */
const clouds: readonly { name: CloudName; entra: readonly string[]; graph: string; arm: string; audience: string }[] = [
  {
    name: 'AzurePublicCloud',
    entra: ['login.microsoftonline.com'],
    graph: 'graph.microsoft.com',
    arm: 'management.azure.com',
    audience: 'api://AzureADTokenExchange'
  },
  {
    name: 'AzureUSGovernmentCloud',
    entra: ['login.microsoftonline.us'],
    graph: 'graph.microsoft.us',
    arm: 'management.usgovcloudapi.net',
    audience: 'api://AzureADTokenExchangeUSGov'
  },
  {
    name: 'AzureChinaCloud',
    entra: ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
    graph: 'microsoftgraph.chinacloudapi.cn',
    arm: 'management.chinacloudapi.cn',
    audience: 'api://AzureADTokenExchangeChina'
  }
]

const identities = [
  { kind: 'an application', flags: [] },
  {
    kind: 'a managed identity',
    flags: ['--managed-identity-name', 'workload', '--managed-identity-resource-group', 'azwi-sandbox']
  }
]

/** The global setup of the tests builds what this runs. */
const binary = 'bin/azwi.js'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azwi-cloud-'))
})
afterAll(() => rm(directory, { recursive: true }))

/** Runs Node.js in a child process, because its environment tells it to use the proxy. */
function node(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {}
): Promise<{ status: number; stderr: string }> {
  return new Promise(resolve => {
    const env = { PATH: process.env.PATH, HOME: directory, ...environment }
    execFile(process.execPath, words, { env }, (error, _stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stderr })
    })
  })
}

const createIn = (cloud: CloudName, flags: readonly string[]) => [
  binary,
  'serviceaccount',
  'create',
  '--azure-env',
  cloud,
  '--auth-method',
  'client_secret',
  '--service-account-name',
  'workload',
  '--azure-role',
  'Reader',
  '--azure-scope',
  'rg:azwi-sandbox',
  ...flags
]

/** Expects that every request went to this cloud, with a token for the service to which it went. */
function expectOnlyRequestsTo(
  requests: readonly LoggedRequest[],
  { entra, graph, arm }: (typeof clouds)[number]
): void {
  const azureRequests = requests.filter(({ service }) => service !== 'kubernetes')
  expect(new Set(azureRequests.map(({ service }) => service))).toEqual(
    new Set(requests.some(({ service }) => service === 'graph') ? ['entra', 'graph', 'arm'] : ['entra', 'arm'])
  )
  for (const { service, host, method, audience } of azureRequests) {
    if (service === 'entra') expect(entra).toContain(host)
    else expect(host).toBe(service === 'graph' ? graph : arm)
    if (service === 'entra' && method === 'GET') continue
    expect([`https://${graph}`, `https://${arm}`]).toContain(audience)
    if (service !== 'entra') expect(audience).toBe(`https://${host}`)
  }
}

describe.concurrent.each(clouds)('serviceaccount create in $name', { timeout: 120_000 }, cloud => {
  it.each(identities)('for $kind calls only the hosts of the cloud, with its audience', async ({ kind, flags }) => {
    const sandbox = await startSandbox({ cloud: cloud.name })
    try {
      const { status, stderr } = await node(
        createIn(cloud.name, flags),
        await sandbox.environment(join(directory, `${cloud.name} ${kind}`), {})
      )
      expect([status, stderr]).toEqual([0, stderr])
      expectOnlyRequestsTo(sandbox.requests, cloud)
      const owners = [...sandbox.state.applications.values(), ...sandbox.state.managedIdentities.values()]
      expect(owners.flatMap(owner => owner.federatedIdentityCredentials.map(({ audiences }) => audiences))).toEqual([
        [cloud.audience]
      ])
      expect(sandbox.state.roleAssignments.size).toBe(1)
    } finally {
      await sandbox.close()
    }
  })

  it('calls only its hosts in `sandbox run --cloud`, even if the environment names another cloud', async () => {
    const log = join(directory, `${cloud.name}.jsonl`)
    const { status, stderr } = await node(
      [
        binary,
        'sandbox',
        'run',
        '--cloud',
        cloud.name,
        '--request-log',
        log,
        '--',
        process.execPath,
        ...createIn(cloud.name, [])
      ],
      { ARM_CLOUD_METADATA_URL: 'https://elsewhere.example/metadata', NO_PROXY: '*', HTTPS_PROXY: 'http://127.0.0.1:9' }
    )
    expect([status, stderr]).toEqual([0, stderr])
    const requests = (await readFile(log, 'utf8'))
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as LoggedRequest)
    expectOnlyRequestsTo(requests, cloud)
    expect(requests.some(({ service }) => service === 'graph')).toBe(true)
  })
})
