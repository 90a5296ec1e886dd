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

/** Refuses the first writes of credentials. Returns a function that counts the refused ones. */
function refuseCredentials(method: string, times: number, answer: SandboxResponse): () => number {
  let refused = 0
  test.fault(async (request, _service, next) => {
    if (request.method !== method || !isCredential(request.path) || refused >= times) return next()
    refused += 1
    return answer
  })
  return () => refused
}

describe('azwi retries after a transient failure:', () => {
  it.each([
    ['a concurrent write for the same identity', concurrent],
    ['an identity that is not replicated yet', refusal(404, 'ParentResourceNotFound')]
  ])('%s', async (_, answer) => {
    const refused = refuseCredentials('PUT', 3, answer)
    const { status, stderr } = await test.run(...words('create'))
    expect(status, stderr).toBe(0)
    expect(refused()).toBe(3)
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
    expect(messages(stderr).some(text => text.startsWith('waiting '))).toBe(true)
  })

  it('a concurrent write while a credential is deleted', async () => {
    addManagedIdentity(test.sandbox.state)
    await test.run(...words('create'))
    const refused = refuseCredentials('DELETE', 2, concurrent)
    const { status, stderr } = await test.run(...words('delete'))
    expect(status, stderr).toBe(0)
    expect(refused()).toBe(2)
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toEqual([])
  })

  it('a list of credentials that does not know an existing identity yet', async () => {
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

  it('but not after another 409, which it reports', async () => {
    const refused = refuseCredentials('PUT', 9, refusal(409, 'SomethingElse'))
    const { status, stderr } = await test.run(...words('create'))
    expect(status).toBe(1)
    expect(refused()).toBe(1)
    expect(stderr).toMatch(/^Error: .*SomethingElse/m)
  })

  it('but no longer than --timeout', async () => {
    refuseCredentials('PUT', 1000, concurrent)
    const { status, stderr } = await test.run(...words('create'), '--timeout', '2s')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*--timeout.*\nHint: .*--timeout/m)
  })

  it.each([
    ['the managed identity', (path: string) => /userAssignedIdentities\/[^/]+$/.test(path)],
    ['the credential', isCredential],
    ['the role assignment', (path: string) => path.includes('/roleAssignments/')]
  ])('a lost response to the creation of %s', async (_, isRequest) => {
    let lost = false
    test.fault(async (request, _service, next) => {
      const answer = await next()
      if (lost || request.method === 'GET' || !isRequest(request.path)) return answer
      lost = true
      return 'cut'
    })
    const { status, stderr } = await test.run(...words('create'), ...role())
    expect({ status, lost }, stderr).toEqual({ status: 0, lost: true })
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
    expect(test.sandbox.state.roleAssignments.size).toBe(1)
  })
})

describe('concurrent runs', () => {
  it('of the same command create one set of objects', async () => {
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

  it('for different service accounts of one identity all succeed', async () => {
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
