import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { fieldsFor } from '../helpers/log.js'
import { group, onlyManagedIdentity } from '../helpers/managed-identity.js'
import { addServiceAccount, serviceAccountIn } from '../helpers/state.js'

const test = useFaultySandbox()
const create = (...more: readonly string[]) => test.run('sa', 'create', '--service-account-name', 'app', ...more)
const clientId = 'azure.workload.identity/client-id'
const tenantId = 'azure.workload.identity/tenant-id'
const expiration = 'azure.workload.identity/service-account-token-expiration'
const theirs = '11111111-2222-4333-8444-555555555555'
const everything = () => {
  const { applications, servicePrincipals, cluster } = test.sandbox.state
  return structuredClone([applications, servicePrincipals, cluster.serviceAccounts])
}
/** Adds a service account whose annotations the field manager owns. */
const addOwned = (manager: string, annotations: Record<string, string>): void => {
  const fields = Object.fromEntries(Object.keys(annotations).map(key => [`f:${key}`, {}]))
  addServiceAccount(test.sandbox.state, 'app', {
    annotations,
    managedFields: [
      {
        manager,
        operation: 'Apply',
        apiVersion: 'v1',
        time: '2024-01-02T03:04:05Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:annotations': fields } }
      }
    ]
  })
}

describe('create for a service account that somebody else connected', () => {
  it.each<[string, string, Record<string, string>]>([
    ['helm', clientId, { [clientId]: theirs }],
    ['argocd-controller', tenantId, { [tenantId]: theirs }],
    ['kustomize-controller', clientId, { [clientId]: theirs, [tenantId]: theirs }]
  ])('is refused and names %s, which owns %s', async (manager, field, annotations) => {
    addOwned(manager, annotations)
    const before = everything()
    const { status, stderr } = await create()
    expect(status).toBe(1)
    expect(stderr).toContain(`${field} is "${theirs}", set by ${manager}`)
    expect(everything()).toEqual(before)
    const adopted = await create('--adopt')
    expect(adopted.status, adopted.stderr).toBe(0)
    expect(serviceAccountIn(test.sandbox.state, 'app')?.metadata.annotations?.[clientId]).not.toBe(theirs)
  })

  it('keeps a longer token expiration of theirs, unless the flag is given', async () => {
    addOwned('helm', { [expiration]: '7200' })
    const kept = await create()
    expect(kept.status, kept.stderr).toBe(0)
    expect(serviceAccountIn(test.sandbox.state, 'app')?.metadata.annotations?.[expiration]).toBe('7200')
    const given = await create('--service-account-token-expiration', '2h30m')
    expect(given.status, given.stderr).toBe(0)
    expect(serviceAccountIn(test.sandbox.state, 'app')?.metadata.annotations?.[expiration]).toBe('9000')
  })
})

describe('create that connects a service account to another identity', () => {
  const managed = ['--managed-identity-name', 'second', '--managed-identity-resource-group', group]

  it.each([
    ['an application', [], managed],
    ['a managed identity', managed, []]
  ])('says that %s stays behind, and the line it prints deletes only that one', async (_, first, second) => {
    const { state } = test.sandbox
    await create(...first)
    const again = await create(...second)
    expect(again.status, again.stderr).toBe(0)
    expect([state.applications.size, state.managedIdentities.size]).toEqual([1, 1])
    const connected = serviceAccountIn(state, 'app')
    const line =
      fieldsFor(again.stderr, 'the service account default/app was connected to another identity, which stays as it is')
        .delete ?? ''
    const removed = await test.run(...line.split(' ').slice(1))
    expect(removed.status, removed.stderr).toBe(0)
    expect([state.applications.size, state.managedIdentities.size]).toEqual(second === managed ? [0, 1] : [1, 0])
    expect(serviceAccountIn(state, 'app')).toEqual(connected)
    const [application] = state.applications.values()
    const credentials = (application ?? onlyManagedIdentity(state)).federatedIdentityCredentials
    expect(credentials).toHaveLength(1)
  })
})

describe('labels that begin with azwi/', () => {
  it('are refused before any request', async () => {
    const { status, stderr } = await create('--labels', 'azwi/set=payments')
    expect(status).toBe(2)
    expect(stderr).toContain('azwi/')
    expect(test.sandbox.requests).toEqual([])
  })
})
