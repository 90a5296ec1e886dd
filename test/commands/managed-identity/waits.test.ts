import { describe, expect, it } from 'vitest'
import type { SandboxResponse } from '../../../sandbox/src/server/http.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { messages } from '../../helpers/log.js'
import { addManagedIdentity, identityFlags, onlyManagedIdentity } from '../../helpers/managed-identity.js'
import { groupScope, serviceAccountIn } from '../../helpers/state.js'

const test = useFaultySandbox()
const words = (verb: 'create' | 'delete', name = 'app') => [
  'sa',
  verb,
  '--service-account-name',
  name,
  ...identityFlags
]
const role = () => ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]
const refusal = (status: number, code: string): SandboxResponse => ({
  status,
  body: { error: { code, message: 'Not now.' } }
})
const concurrent = refusal(409, 'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity')
const isCredential = (path: string) => path.includes('/federatedIdentityCredentials/')

/** The first so many writes of credentials are refused. */
function refuseCredentials(method: string, times: number, answer: SandboxResponse): () => number {
  let refused = 0
  test.fault(async (request, _service, next) => {
    if (request.method !== method || !isCredential(request.path) || refused >= times) return next()
    refused += 1
    return answer
  })
  return () => refused
}

describe('what Azure refuses for a while is got over:', () => {
  it.each([
    ['another write under the same identity', concurrent],
    ['an identity that is not known everywhere yet', refusal(404, 'ParentResourceNotFound')]
  ])('%s', async (_, answer) => {
    const refused = refuseCredentials('PUT', 3, answer)
    const { status, stderr } = await test.run(...words('create'))
    expect(status, stderr).toBe(0)
    expect(refused()).toBe(3)
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
    expect(messages(stderr).some(text => text.startsWith('waiting '))).toBe(true)
  })

  it('another write while a credential is deleted', async () => {
    addManagedIdentity(test.sandbox.state)
    await test.run(...words('create'))
    const refused = refuseCredentials('DELETE', 2, concurrent)
    const { status, stderr } = await test.run(...words('delete'))
    expect(status, stderr).toBe(0)
    expect(refused()).toBe(2)
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toEqual([])
  })

  it('a list of credentials that does not know an identity yet that can be read', async () => {
    addManagedIdentity(test.sandbox.state)
    let refusals = 2
    test.fault(async (request, _service, next) =>
      request.method === 'GET' && request.path.endsWith('/federatedIdentityCredentials') && refusals-- > 0
        ? refusal(404, 'ParentResourceNotFound')
        : next()
    )
    const { status, stderr } = await test.run(...words('create'))
    expect(status, stderr).toBe(0)
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
  })

  it('any other 409 is not: it is asked once, and told', async () => {
    const refused = refuseCredentials('PUT', 9, refusal(409, 'SomethingElse'))
    const { status, stderr } = await test.run(...words('create'))
    expect(status).toBe(1)
    expect(refused()).toBe(1)
    expect(stderr).toMatch(/^Error: .*SomethingElse/m)
  })

  it('not for ever: --timeout ends it', async () => {
    refuseCredentials('PUT', 1000, concurrent)
    const { status, stderr } = await test.run(...words('create'), '--timeout', '2s')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*--timeout.*\nHint: .*--timeout/m)
  })

  it.each([
    ['the managed identity', (path: string) => /userAssignedIdentities\/[^/]+$/.test(path)],
    ['the credential', isCredential],
    ['the role assignment', (path: string) => path.includes('/roleAssignments/')]
  ])('an answer that is lost after %s was made', async (_, concerns) => {
    let lost = false
    test.fault(async (request, _service, next) => {
      const answer = await next()
      if (lost || request.method === 'GET' || !concerns(request.path)) return answer
      lost = true
      return 'cut'
    })
    const { status, stderr } = await test.run(...words('create'), ...role())
    expect({ status, lost }, stderr).toEqual({ status: 0, lost: true })
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
    expect(test.sandbox.state.roleAssignments.size).toBe(1)
  })
})

describe('several runs at once', () => {
  it('of the same line end in one set of objects', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => test.run(...words('create'), ...role())))
    expect(
      outcomes.map(({ status }) => status),
      outcomes.map(({ stderr }) => stderr).join('\n')
    ).toEqual([0, 0, 0])
    const { state } = test.sandbox
    expect(onlyManagedIdentity(state).federatedIdentityCredentials).toHaveLength(1)
    expect(state.roleAssignments.size).toBe(1)
    expect(serviceAccountIn(state, 'app')?.metadata.annotations?.['azure.workload.identity/client-id']).toBe(
      onlyManagedIdentity(state).clientId
    )
  })

  it('of different service accounts under one identity all succeed', async () => {
    const names = ['one', 'two', 'three']
    const outcomes = await Promise.all(names.map(name => test.run(...words('create', name), ...role())))
    expect(
      outcomes.map(({ status }) => status),
      outcomes.map(({ stderr }) => stderr).join('\n')
    ).toEqual([0, 0, 0])
    expect(
      onlyManagedIdentity(test.sandbox.state)
        .federatedIdentityCredentials.map(({ subject }) => subject)
        .toSorted()
    ).toEqual(names.toSorted().map(name => `system:serviceaccount:default:${name}`))
    expect(test.sandbox.state.roleAssignments.size).toBe(1)
  })
})
