import { describe, expect, it } from 'vitest'
import type { Application } from '../../sandbox/src/graph/directory.js'
import type { State } from '../../sandbox/src/state.js'
import { applicationUniqueName, credentialNames, defaultApplicationName } from '../../src/domain/names.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { messages } from '../helpers/log.js'
import {
  addIdentityCredential,
  addManagedIdentity,
  identityFlags,
  identityId,
  onlyManagedIdentity
} from '../helpers/managed-identity.js'
import {
  addApplication,
  addCredential,
  addRoleAssignment,
  addServicePrincipal,
  groupScope,
  issuerOf,
  onlyApplication,
  principalOf,
  readerRole,
  writes
} from '../helpers/state.js'

const test = useFaultySandbox()
const state = () => test.sandbox.state
const grant = () => ['--grant', `Reader=${groupScope(state())}`]
const create = (...more: readonly string[]) =>
  test.run('sa', 'create', '--service-account-name', 'app', ...grant(), ...more)
const remove = () => test.run('sa', 'delete', '--service-account-name', 'app')
const derivedName = () => defaultApplicationName('default', 'app', issuerOf(state()))
const subject = 'system:serviceaccount:default:app'
const person = {
  id: '11111111-2222-4333-8444-555555555555',
  displayName: 'Mallory',
  userPrincipalName: 'm@example.com'
}
const secret = () => ({ passwordCredentials: [{ keyId: '1' }] })
const everything = (
  { applications, servicePrincipals, owners, roleAssignments, managedIdentities, cluster }: State = state()
) =>
  structuredClone({
    applications,
    servicePrincipals,
    owners,
    roleAssignments,
    managedIdentities,
    accounts: cluster.serviceAccounts
  })

/** Calls `change` once, just before the first request that matches arrives. */
const before = (method: string, part: string, change: () => void): void => {
  let isDone = false
  test.fault((request, _service, next) => {
    if (!isDone && request.method === method && decodeURIComponent(request.path).includes(part)) {
      isDone = true
      change()
    }
    return next()
  })
}

describe('an application that appears under the unique name between the look-up and the upsert', () => {
  const appear = (owner: { readonly id: string; readonly displayName: string }, more: Partial<Application> = {}) => {
    before('PATCH', 'uniqueName=', () => {
      const application = addApplication(state(), derivedName(), {
        uniqueName: applicationUniqueName(derivedName()),
        tags: ['azwi'],
        ...more
      })
      state().owners.set(application.id, [owner])
    })
  }

  it.each<[string, () => void, string]>([
    [
      'of another owner',
      () => {
        appear(person)
      },
      'its owner Mallory'
    ],
    [
      'with a client secret',
      () => {
        appear({ id: loginId(), displayName: 'me' }, { otherProperties: secret() })
      },
      '1 client secret'
    ]
  ])('gets no service principal, no trust and no role if it is %s', async (_, arrange, reason) => {
    arrange()
    const { status, stderr } = await create()
    expect(status).toBe(1)
    expect(stderr).toContain(reason)
    expect(onlyApplication(state()).federatedIdentityCredentials).toEqual([])
    expect(principalOf(state(), onlyApplication(state()))).toBeUndefined()
    expect(state().roleAssignments.size).toBe(0)
    expect(state().cluster.serviceAccounts.has('default/app')).toBe(false)
  })

  it('is used if a twin of the same login created it', async () => {
    const outcomes = await Promise.all([create(), create(), create()])
    expect(
      outcomes.map(({ status }) => status),
      outcomes.map(({ stderr }) => stderr).join('\n')
    ).toEqual([0, 0, 0])
    expect(onlyApplication(state()).federatedIdentityCredentials).toHaveLength(1)
    expect(state().roleAssignments.size).toBe(1)
  })

  it('keeps a credential of others that has the derived name', async () => {
    const [name = ''] = credentialNames('default', 'app', issuerOf(state()))
    before('PATCH', 'uniqueName=', () => {
      const application = addApplication(state(), 'mine', { uniqueName: applicationUniqueName('mine') })
      addCredential(application, { name, subject: 'system:serviceaccount:b:b' })
    })
    const { status, stderr } = await create('--aad-application-name', 'mine')
    expect(status, stderr).toBe(0)
    expect(onlyApplication(state()).federatedIdentityCredentials.map(credential => credential.subject)).toEqual([
      'system:serviceaccount:b:b',
      subject
    ])
  })
})

/** The object ID of the login of the sandbox. */
const loginId = (): string => {
  const login = [...state().servicePrincipals.values()].find(({ appId }) => appId === test.environment.AZURE_CLIENT_ID)
  return login?.id ?? ''
}

describe('create with an application under the derived name that cannot be read in full', () => {
  it.each<[string, (path: string) => boolean]>([
    ['its owners', path => path.endsWith('/owners')],
    ['its credentials', path => path.endsWith('/federatedIdentityCredentials')]
  ])('writes nothing without permission to read %s, and names the flags that insist', async (_, isDenied) => {
    const application = addApplication(state(), derivedName(), { tags: ['azwi'] })
    addServicePrincipal(state(), application)
    const state0 = everything()
    test.fault((request, service, next) =>
      service === 'graph' && isDenied(request.path)
        ? Promise.resolve({ status: 403, body: { error: { code: 'Authorization_RequestDenied', message: 'no' } } })
        : next()
    )
    for (const words of [[], ['phase', 'federated-identity'], ['phase', 'role-assignment']]) {
      const flags = words[1] === 'federated-identity' ? [] : grant()
      const { status, stderr } = await test.run('sa', 'create', ...words, '--service-account-name', 'app', ...flags)
      expect(status, stderr).toBe(1)
      expect(stderr).toContain('Authorization_RequestDenied')
      expect(stderr).toContain(`--aad-application-object-id ${application.id}`)
      expect(stderr).toContain('--adopt')
      expect(everything()).toEqual(state0)
    }
  })

  it('assigns a role without permission to read credentials, to an application that the user names', async () => {
    const application = addApplication(state(), 'mine')
    addServicePrincipal(state(), application)
    test.fault((request, service, next) =>
      service === 'graph' && request.path.endsWith('/federatedIdentityCredentials')
        ? Promise.resolve({ status: 403, body: { error: { code: 'Authorization_RequestDenied', message: 'no' } } })
        : next()
    )
    for (const flags of [
      ['--aad-application-name', 'mine'],
      ['--aad-application-name', 'mine', '--adopt']
    ]) {
      const words = ['sa', 'create', 'phase', 'ra', '--service-account-name', 'app', ...grant(), ...flags]
      const { status, stderr } = await test.run(...words)
      expect(status, stderr).toBe(0)
    }
    expect(state().roleAssignments.size).toBe(1)
  })
})

describe('a login that may write only what it owns, and may not read users', () => {
  it('creates, creates again, continues after an interruption, and deletes', async () => {
    state().denied.add('graph unowned').add('graph users')
    for (const words of [['phase', 'app'], [], []]) {
      const flags = words.length > 0 ? [] : grant()
      const { status, stderr } = await test.run('sa', 'create', ...words, '--service-account-name', 'app', ...flags)
      expect(status, stderr).toBe(0)
    }
    test.sandbox.requests.length = 0
    expect((await create()).status).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    const removed = await remove()
    expect(removed.status, removed.stderr).toBe(0)
    expect(state().applications.size).toBe(0)
  })

  it('names the owner of another application by object ID', async () => {
    state().denied.add('graph unowned').add('graph users')
    const application = addApplication(state(), derivedName())
    state().owners.set(application.id, [person])
    const { status, stderr } = await create()
    expect(status).toBe(1)
    expect(stderr).toContain(`its owner ${person.id}`)
  })
})

describe('a credential of others that trusts the service account', () => {
  const adoptable = () => {
    const application = addApplication(state(), 'mine')
    addServicePrincipal(state(), application)
    return application
  }

  it('is not changed if it has another audience', async () => {
    const application = adoptable()
    addCredential(application, { name: 'by-hand', issuer: issuerOf(state()), subject, audiences: ['api://other'] })
    const state0 = everything()
    for (const more of [[], ['--adopt']]) {
      const { status, stderr } = await create('--aad-application-name', 'mine', ...more)
      expect(status).toBe(1)
      expect(stderr).toContain('by-hand')
      expect(stderr).toContain('--audience api://other')
      expect(everything()).toEqual(state0)
    }
    const { status, stderr } = await create('--aad-application-name', 'mine', '--audience', 'api://other')
    expect(status, stderr).toBe(0)
    expect(application.federatedIdentityCredentials).toMatchObject([{ name: 'by-hand', audiences: ['api://other'] }])
  })

  it('is not changed either on a managed identity', async () => {
    const identity = addManagedIdentity(state())
    addIdentityCredential(identity, { name: 'by-hand', issuer: issuerOf(state()), subject, audiences: ['api://other'] })
    const state0 = everything()
    const { status, stderr } = await create(...identityFlags)
    expect(status).toBe(1)
    expect(stderr).toContain('by-hand')
    expect(everything()).toEqual(state0)
  })

  it('is changed if azwi created it', async () => {
    const first = await create('--audience', 'api://other')
    expect(first.status, first.stderr).toBe(0)
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(onlyApplication(state()).federatedIdentityCredentials).toMatchObject([
      { audiences: ['api://AzureADTokenExchange'] }
    ])
  })
})

describe('create and then delete with what others made', () => {
  it.each<[string, () => readonly string[]]>([
    ['an application by name', () => ['--aad-application-name', 'mine']],
    ['an application by object ID', () => ['--aad-application-object-id', onlyApplication(state()).id]],
    ['an application by client ID', () => ['--aad-application-client-id', onlyApplication(state()).appId]],
    ['a managed identity by name', () => identityFlags],
    ['a managed identity by resource ID', () => ['--managed-identity-resource-id', identityId(state())]]
  ])('leaves %s as it was', async (_, flags) => {
    const application = addApplication(state(), 'mine', { otherProperties: secret(), tags: ['team'] })
    const principal = addServicePrincipal(state(), application)
    addCredential(application, { subject: 'repo:org/app:ref:refs/heads/main' })
    state().owners.set(application.id, [person])
    const identity = addManagedIdentity(state(), 'shared', { tags: { team: 'blue' } })
    addIdentityCredential(identity, { subject: 'repo:org/app:ref:refs/heads/main' })
    for (const id of [principal.id, identity.principalId])
      addRoleAssignment(state(), id, `${groupScope(state())}/providers/Microsoft.Storage/storageAccounts/a`, readerRole)
    const state0 = everything()
    const created = await create(...flags())
    expect(created.status, created.stderr).toBe(0)
    expect(state().roleAssignments.size).toBe(3)
    const removed = await remove()
    expect(removed.status, removed.stderr).toBe(0)
    expect(everything()).toEqual(state0)
  })

  it('keeps a role that a person assigned before', async () => {
    const application = addApplication(state(), 'mine')
    const principal = addServicePrincipal(state(), application)
    addRoleAssignment(state(), principal.id, groupScope(state()), readerRole)
    const state0 = everything()
    const { status, stderr } = await create('--aad-application-name', 'mine')
    expect(status, stderr).toBe(0)
    expect(state().roleAssignments.size).toBe(1)
    const removed = await remove()
    expect(removed.status, removed.stderr).toBe(0)
    expect(everything()).toEqual(state0)
  })

  it.each<[string, () => void, readonly string[]]>([
    [
      'an application',
      () => void addServicePrincipal(state(), addApplication(state(), derivedName(), { otherProperties: secret() })),
      []
    ],
    [
      'a service principal with an owner',
      () => {
        const principal = addServicePrincipal(state(), addApplication(state(), derivedName(), { tags: [] }))
        state().owners.set(principal.id, [person])
      },
      []
    ]
  ])('leaves %s that --adopt insists on as it was', async (_, arrange, flags) => {
    arrange()
    const state0 = everything()
    expect((await create(...flags)).status).toBe(1)
    expect(everything()).toEqual(state0)
    const created = await create(...flags, '--adopt')
    expect(created.status, created.stderr).toBe(0)
    expect(messages(created.stderr)).toContain(
      `azwi did not create the application "${derivedName()}": delete will keep it`
    )
    const removed = await remove()
    expect(removed.status, removed.stderr).toBe(0)
    expect(everything()).toEqual(state0)
  })
})

describe('a managed identity that appears between the look-up and the write', () => {
  it('is adopted with a warning, and its credentials stay', async () => {
    before('PUT', '/userAssignedIdentities/shared', () => {
      addIdentityCredential(addManagedIdentity(state()), {
        name: credentialNames('default', 'app', issuerOf(state()))[0]!
      })
    })
    const { status, stderr } = await create(...identityFlags)
    expect(status, stderr).toBe(0)
    const names = onlyManagedIdentity(state()).federatedIdentityCredentials.map(({ name }) => name)
    expect(names).toEqual(credentialNames('default', 'app', issuerOf(state())).slice(0, 2))
  })
})
