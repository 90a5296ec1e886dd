import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { State } from '../../sandbox/src/state.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { splitLine } from '../helpers/fixes/shell-line.js'
import { group, onlyManagedIdentity } from '../helpers/managed-identity.js'
import {
  addApplication,
  addCredential,
  addServiceAccount,
  addServicePrincipal,
  groupScope,
  issuerOf,
  onlyApplication,
  principalOf,
  serviceAccountIn
} from '../helpers/state.js'

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
const forbidden = { status: 403, body: { error: { code: 'Authorization_RequestDenied', message: 'no' } } }
const countsOf = ({ applications, managedIdentities, roleAssignments }: State) => {
  const identities = [...applications.values(), ...managedIdentities.values()]
  return {
    identities: identities.length,
    credentials: identities.flatMap(({ federatedIdentityCredentials }) => federatedIdentityCredentials).length,
    roles: roleAssignments.size
  }
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
  const roles = () => ['--grant', `Reader=${groupScope(test.sandbox.state)}`]
  const state = () => test.sandbox.state
  /** The printed line that deletes what is left. */
  const lineIn = (stderr: string): string | undefined => /to delete that: (azwi .*)$/m.exec(stderr)?.[1]
  const runLine = (line = '') => test.run(...splitLine(line).words.slice(1))
  const withoutHint = () => {
    const { metadata } = serviceAccountIn(state(), 'app')!
    delete metadata.annotations?.['azwi/managed-identity']
    metadata.managedFields.forEach(({ fieldsV1 }) => {
      const fields = fieldsV1['f:metadata'] as Record<string, Record<string, unknown>>
      delete fields['f:annotations']?.['f:azwi/managed-identity']
    })
  }
  const nothing = () => undefined

  it.each<[string, readonly string[], () => void, readonly string[]]>([
    ['an application to a managed identity', [], nothing, managed],
    ['a managed identity to an application', managed, nothing, []],
    ['a managed identity without a hint to an application', managed, withoutHint, []],
    ['an application to another', [], nothing, ['--aad-application-name', "it's another"]],
    [
      'a managed identity to another',
      managed,
      nothing,
      ['--managed-identity-name', 'third', '--managed-identity-resource-group', group]
    ]
  ])('moves it from %s, and prints a line that deletes exactly what is left', async (_, first, change, second) => {
    const fresh = await create(...second, ...roles())
    expect(fresh.status, fresh.stderr).toBe(0)
    const expected = countsOf(state())
    expect((await test.run('sa', 'delete', '--service-account-name', 'app')).status).toBe(0)
    await create(...first, ...roles())
    change()
    const moved = await create(...second, ...roles())
    expect(moved.status, moved.stderr).toBe(0)
    const connected = structuredClone(serviceAccountIn(state(), 'app'))
    const removed = await runLine(lineIn(moved.stderr))
    expect(removed.status, removed.stderr).toBe(0)
    expect(countsOf(state())).toEqual(expected)
    expect(serviceAccountIn(state(), 'app')).toEqual(connected)
    expect(lineIn((await create(...second, ...roles())).stderr)).toBeUndefined()
    expect(countsOf(state())).toEqual(expected)
    expect((await test.run('sa', 'delete', '--service-account-name', 'app')).status).toBe(0)
    expect(countsOf(state())).toEqual({ identities: 0, credentials: 0, roles: 0 })
  })

  it('repeats the flags that say where the connection is, quoted for a shell', async () => {
    const kubeconfig = join(test.directory, "a person's config")
    await copyFile(test.environment.KUBECONFIG!, kubeconfig)
    const where = ['--kubeconfig', kubeconfig, '--service-account-issuer-url', issuerOf(state())]
    await create(...where)
    const moved = await create(...managed, ...where)
    const line = lineIn(moved.stderr)
    expect(splitLine(line ?? '').words).toEqual(expect.arrayContaining(where))
    const removed = await test.azwi(splitLine(line ?? '').words.slice(1), { KUBECONFIG: undefined })
    expect(removed.status, removed.stderr).toBe(0)
    expect(state().applications.size).toBe(0)
  })

  it('prints no line before the service account is moved', async () => {
    await create()
    const { status, stderr } = await create(...managed, '--azure-role', 'No such role', '--azure-scope', 'sub:')
    expect(status).toBe(1)
    expect(lineIn(stderr)).toBeUndefined()
    const planned = await create(...managed, '--dry-run')
    expect(planned.status, planned.stderr).toBe(0)
    expect(lineIn(planned.stderr)).toBeUndefined()
  })

  it('says nothing of an identity that does not exist any more, or does not trust the service account', async () => {
    await create()
    state().servicePrincipals.delete(principalOf(state(), onlyApplication(state()))!.id)
    state().applications.clear()
    const gone = await create(...managed)
    expect(gone.status, gone.stderr).toBe(0)
    expect(lineIn(gone.stderr)).toBeUndefined()
    expect(gone.stderr).not.toContain('was connected to')
    onlyManagedIdentity(state()).federatedIdentityCredentials.splice(0)
    onlyManagedIdentity(state()).tags = {}
    const untrusted = await create()
    expect(untrusted.status, untrusted.stderr).toBe(0)
    expect(untrusted.stderr).not.toContain('was connected to')
  })

  it('prints the line also for an identity that an interrupted create left without a credential', async () => {
    await create()
    onlyApplication(state()).federatedIdentityCredentials.splice(0)
    const removed = await runLine(lineIn((await create(...managed)).stderr))
    expect(removed.status, removed.stderr).toBe(0)
    expect(state().applications.size).toBe(0)
  })

  it('prints no line for a credential that azwi did not create', async () => {
    const application = addApplication(state(), 'theirs')
    addServicePrincipal(state(), application)
    addCredential(application, {
      name: 'by-hand',
      issuer: issuerOf(state()),
      subject: 'system:serviceaccount:default:app'
    })
    await create('--aad-application-object-id', application.id)
    const { status, stderr } = await create(...managed)
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('its credential by-hand stays, because azwi did not create it')
    expect(lineIn(stderr)).toBeUndefined()
  })

  it('says that it is not known what stays, if the directory cannot be read', async () => {
    await create()
    const { appId } = onlyApplication(state())
    test.fault((request, service, next) =>
      service === 'graph' && request.method === 'GET' ? Promise.resolve(forbidden) : next()
    )
    const { status, stderr } = await create(...managed)
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('it is not known what stays')
    test.fault((_request, _service, next) => next())
    const removed = await runLine(lineIn(stderr))
    expect(removed.status, removed.stderr).toBe(0)
    expect([...state().applications.values()].map(application => application.appId)).not.toContain(appId)
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
