import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CloudName, type LoggedRequest, startSandbox } from '../src/index.js'

/** The host names that Microsoft documents for each cloud. China's login has two, of which MSAL prefers the second. */
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

/** It runs what `npm run build` has made, as `npm test` does before. */
const binary = 'bin/azwi.js'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azwi-cloud-'))
})
afterAll(() => rm(directory, { recursive: true }))

/** In a process of its own, since what leads it to the proxy is that process's environment. */
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

/** Every request went to this cloud, with tokens for what it was asked. */
function expectOnly(requests: readonly LoggedRequest[], { entra, graph, arm }: (typeof clouds)[number]): void {
  const asked = requests.filter(({ service }) => service !== 'kubernetes')
  expect(new Set(asked.map(({ service }) => service))).toEqual(
    new Set(requests.some(({ service }) => service === 'graph') ? ['entra', 'graph', 'arm'] : ['entra', 'arm'])
  )
  for (const { service, host, method, audience } of asked) {
    if (service === 'entra') expect(entra).toContain(host)
    else expect(host).toBe(service === 'graph' ? graph : arm)
    if (service === 'entra' && method === 'GET') continue
    expect([`https://${graph}`, `https://${arm}`]).toContain(audience)
    if (service !== 'entra') expect(audience).toBe(`https://${host}`)
  }
}

describe.concurrent.each(clouds)('a create in $name', { timeout: 120_000 }, cloud => {
  it.each(identities)('for $kind goes to its hosts only, with its audience', async ({ kind, flags }) => {
    const sandbox = await startSandbox({ cloud: cloud.name })
    try {
      const { status, stderr } = await node(
        createIn(cloud.name, flags),
        await sandbox.environment(join(directory, `${cloud.name} ${kind}`), {})
      )
      expect([status, stderr]).toEqual([0, stderr])
      expectOnly(sandbox.requests, cloud)
      const owners = [...sandbox.state.applications.values(), ...sandbox.state.managedIdentities.values()]
      expect(owners.flatMap(owner => owner.federatedIdentityCredentials.map(({ audiences }) => audiences))).toEqual([
        [cloud.audience]
      ])
      expect(sandbox.state.roleAssignments.size).toBe(1)
    } finally {
      await sandbox.close()
    }
  })

  it('by `sandbox run --cloud`, past what the user has set for another one', async () => {
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
    expectOnly(requests, cloud)
    expect(requests.some(({ service }) => service === 'graph')).toBe(true)
  })
})
