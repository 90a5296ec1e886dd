import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SandboxRequest, SandboxResponse, Service } from '../../../sandbox/src/server/http.js'
import { createClock } from '../../helpers/clock.js'
import { connectApplication, connectManagedIdentity } from '../../helpers/connected.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines } from '../../helpers/log.js'
import { addManagedIdentity, group, identityFlags } from '../../helpers/managed-identity.js'
import { groupScope, issuerOf } from '../../helpers/state.js'

const test = useFaultySandbox()
type Filter = (service: Service['name'], request: SandboxRequest) => boolean
const forbidden = (service: string): SandboxResponse => ({
  status: 403,
  body: { error: { code: `${service}Forbidden`, message: 'No.' } }
})
const isToken = ({ path }: SandboxRequest): boolean => path.includes('/oauth2/')

/** Runs a command line while a service answers some requests late, and denies some. */
async function runDelayed(words: readonly string[], isLate: Filter, isDenied: Filter = () => false) {
  const clock = createClock()
  test.fault(async (request, service, next) => {
    if (isLate(service, request)) await clock.hold(1000)
    return isDenied(service, request) ? forbidden(service) : next()
  })
  const { status, stdout, stderr } = await test.azwi(words, {}, { clock })
  expect(clock.now(), stderr).toBeGreaterThanOrEqual(1000)
  const problems = logLines(stderr)
    .filter(({ level }) => ['WARN', 'ERRO'].includes(level))
    .map(({ message, fields }) => [message, fields.because ?? fields.code])
  return { status, stdout, problems }
}

const isReadOf =
  (...parts: readonly string[]): Filter =>
  (service, request) =>
    !isToken(request) && parts.some(part => service === part || request.path.includes(part))

describe('unread objects are reported in the same order, even if another look-up ends first:', () => {
  const isDenied = isReadOf('graph', '/roleAssignments', '/userAssignedIdentities')

  it.each(['graph', 'arm'])('azwi sa list with a slow %s', async slow => {
    const names = ['applications', 'managed identities', 'role assignments', 'service principals']
    connectApplication(test.sandbox.state, 'web')
    const { stdout, problems } = await runDelayed(['sa', 'list', '-o', 'json'], isReadOf(slow), isDenied)
    const { unread } = JSON.parse(stdout) as { unread: { what: string }[] }
    expect(unread.map(({ what }) => what)).toEqual(names)
    expect(problems.map(([message = '']) => /^could not read ([^:]+):/.exec(message)?.[1])).toEqual(names)
  })

  it.each(['graph', 'arm', 'kubernetes'])('azwi doctor with a slow %s', async slow => {
    connectApplication(test.sandbox.state, 'web')
    test.sandbox.state.cluster.denied.add('list pods').add('list namespaces')
    const { problems } = await runDelayed(['doctor', 'web'], isReadOf(slow), isDenied)
    expect(problems.map(([message = '']) => /^could not read ([^:]+):/.exec(message)?.[1])).toEqual([
      'applications',
      'managed identities',
      'namespaces',
      'pods',
      'role assignments',
      'service principals'
    ])
  })

  it.each(['one', 'two'])('two identities, if the slow one is %s', async slow => {
    for (const name of ['one', 'two']) connectManagedIdentity(test.sandbox.state, name)
    const isCredentials = isReadOf('/federatedIdentityCredentials')
    const { problems } = await runDelayed(
      ['sa', 'list'],
      isReadOf(`/${slow}/federatedIdentityCredentials`),
      isCredentials
    )
    expect(problems).toEqual([
      [expect.stringMatching(/^could not read credentials of managed identities: .*\bone\b/), undefined]
    ])
  })
})

describe('the warnings of a plan have the order of the phases and of the workloads, even if another look-up ends first:', () => {
  it.each(['/userAssignedIdentities/', '/.well-known/openid-configuration'])('create with a slow %s', async slow => {
    addManagedIdentity(test.sandbox.state)
    const words = ['sa', 'create', '--service-account-name', 'app', ...identityFlags]
    const { status, problems } = await runDelayed(
      [
        ...words,
        '--managed-identity-location',
        'northeurope',
        '--service-account-issuer-url',
        'https://other.example/',
        '--allow-other-issuer'
      ],
      isReadOf(slow)
    )
    expect(status).toBe(0)
    expect(problems.map(([message]) => message)).toEqual([
      'the managed identity shared is in westeurope and stays there',
      'azwi did not create the managed identity "shared": delete will keep it',
      'the issuer given is not the one that the cluster publishes: its tokens will be refused'
    ])
  })

  it.each(['one', 'two'])('apply with a slow identity %s', async slow => {
    for (const name of ['one', 'two']) addManagedIdentity(test.sandbox.state, name)
    const file = join(test.directory, 'workloads.yaml')
    const workloads = ['one', 'two'].map(name => ({
      name,
      identity: { managedIdentity: { name, resourceGroup: group, location: 'northeurope' } }
    }))
    writeFileSync(file, JSON.stringify({ workloads }))
    const { status, problems } = await runDelayed(
      ['sa', 'apply', '-f', file, '--adopt'],
      isReadOf(`/userAssignedIdentities/${slow}`)
    )
    expect(status).toBe(0)
    expect(problems.map(([message]) => message)).toEqual([
      'the managed identity one is in westeurope and stays there',
      'azwi did not create the managed identity "one": delete will keep it',
      'the managed identity two is in westeurope and stays there',
      'azwi did not create the managed identity "two": delete will keep it'
    ])
  })
})

describe('the failures of a plan have the order of the phases, even if another look-up ends first:', () => {
  it.each(['graph', 'arm', 'kubernetes'])('create with a slow %s', async slow => {
    const grant = ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]
    const issuer = ['--service-account-issuer-url', issuerOf(test.sandbox.state)]
    const { status, problems } = await runDelayed(
      ['sa', 'create', '--service-account-name', 'app', ...grant, ...issuer],
      isReadOf(slow),
      isReadOf('/v1.0/applications', '/roleDefinitions', '/serviceaccounts')
    )
    expect(status).toBe(4)
    expect(problems).toEqual([
      ['[aad-application] failed', 'graphForbidden'],
      ['[service-account] failed', 'HTTP403'],
      ['[federated-identity] not started', 'aad-application failed'],
      ['[role-assignment] failed', 'armForbidden']
    ])
  })
})
