import { describe, expect, it } from 'vitest'
import { applicationUniqueName, credentialNames, defaultApplicationName } from '../../src/domain/names.js'
import { type AdoptionFacts, judgeAdoption } from '../../src/ownership/adoption.js'
import type { Application } from '../../sandbox/src/graph/directory.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { messages } from '../helpers/log.js'
import { addIdentityCredential, addManagedIdentity, group, onlyManagedIdentity } from '../helpers/managed-identity.js'
import { addApplication, addCredential, addServicePrincipal, groupScope, issuerOf, writes } from '../helpers/state.js'

const facts: AdoptionFacts = {
  namedBy: 'derived',
  isMarked: true,
  isConnected: false,
  accessOfOthers: [],
  unread: [],
  isForced: false
}
const secret = ['1 client secret']

describe('judgeAdoption', () => {
  it.each<[string, Partial<AdoptionFacts>, string]>([
    ['a marked one under the derived name', {}, 'ours'],
    ['an unmarked one that nobody else controls, under the derived name', { isMarked: false }, 'adopted'],
    ['a marked one with a secret, under the derived name', { accessOfOthers: secret }, 'refused'],
    ['a marked one with a secret, by a name in a file', { namedBy: 'file', accessOfOthers: secret }, 'refused'],
    ['an unmarked one by a name in a file', { namedBy: 'file', isMarked: false }, 'refused'],
    ['a marked one by a name in a file', { namedBy: 'file' }, 'ours'],
    [
      'an unmarked one by a name in a file, with --adopt',
      { namedBy: 'file', isMarked: false, isForced: true },
      'adopted'
    ],
    [
      'an unmarked one with a secret, by a name of the user',
      { namedBy: 'name', isMarked: false, accessOfOthers: secret },
      'adopted'
    ],
    ['a marked one by a name of the user', { namedBy: 'name' }, 'ours'],
    ['an unmarked one with a secret, by its ID', { namedBy: 'id', isMarked: false, accessOfOthers: secret }, 'ours'],
    [
      'one with a secret that trusts the service account already',
      { isConnected: true, accessOfOthers: secret },
      'ours'
    ],
    ['one with a secret, with --adopt', { isForced: true, accessOfOthers: secret }, 'ours'],
    ['one whose owners cannot be read', { unread: ['no permission'] }, 'unknown'],
    ['an unmarked one whose owners cannot be read', { isMarked: false, unread: ['no permission'] }, 'unknown'],
    ['one with a secret whose owners cannot be read', { accessOfOthers: secret, unread: ['no'] }, 'refused'],
    ['one whose owners cannot be read, by a name in a file', { namedBy: 'file', unread: ['no'] }, 'unknown'],
    ['one whose owners cannot be read, with --adopt', { isForced: true, unread: ['no'] }, 'ours'],
    ['one whose credentials cannot be read, by a name of the user', { namedBy: 'name', unread: ['no'] }, 'ours'],
    ['one whose credentials cannot be read, by its ID', { namedBy: 'id', unread: ['no'] }, 'ours']
  ])('of %s', (_, more, verdict) => {
    expect(judgeAdoption({ ...facts, ...more }).verdict).toBe(verdict)
  })
})

const test = useFaultySandbox()
const create = (...more: readonly string[]) =>
  test.run(
    ...['sa', 'create', '--service-account-name', 'app'],
    ...['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)],
    ...more
  )
const derivedName = () => defaultApplicationName('default', 'app', issuerOf(test.sandbox.state))
const everything = () => {
  const { applications, servicePrincipals, roleAssignments, managedIdentities, cluster } = test.sandbox.state
  return structuredClone([applications, servicePrincipals, roleAssignments, managedIdentities, cluster.serviceAccounts])
}
const person = {
  id: '11111111-2222-4333-8444-555555555555',
  displayName: 'Mallory',
  userPrincipalName: 'm@example.com'
}

describe('create with an application that somebody registered under the derived name', () => {
  const plant = (more: Partial<Application> = {}): Application => {
    const application = addApplication(test.sandbox.state, derivedName(), { tags: ['azwi'], ...more })
    addServicePrincipal(test.sandbox.state, application)
    return application
  }
  const principalOf = ({ appId }: Application) =>
    [...test.sandbox.state.servicePrincipals.values()].find(principal => principal.appId === appId)!

  it.each<[string, string, () => void]>([
    ['an owner', 'its owner Mallory', () => void test.sandbox.state.owners.set(plant().id, [person])],
    [
      'an owner of its service principal',
      'its owner Mallory',
      () => void test.sandbox.state.owners.set(principalOf(plant()).id, [person])
    ],
    [
      'a client secret',
      '1 client secret',
      () => void plant({ otherProperties: { passwordCredentials: [{ keyId: '1' }] } })
    ],
    ['a certificate', '1 certificate', () => void plant({ otherProperties: { keyCredentials: [{ keyId: '1' }] } })],
    [
      'a client secret of its service principal',
      '1 client secret',
      () => {
        principalOf(plant()).otherProperties.passwordCredentials = [{ keyId: '1' }]
      }
    ],
    ['another credential', 'its credential someone-elses trusts', () => void addCredential(plant())],
    [
      'a credential of another service account of the namespace',
      'its credential someone-elses trusts',
      () => void addCredential(plant(), { issuer: issuerOf(test.sandbox.state) })
    ]
  ])('writes nothing if it has %s', async (_, reason, arrange) => {
    arrange()
    const before = everything()
    const { status, stderr } = await create()
    expect(status).toBe(1)
    expect(stderr).toContain(reason)
    expect(stderr).toContain('--aad-application-object-id')
    expect(everything()).toEqual(before)
    for (const phase of ['federated-identity', 'role-assignment']) {
      const flags = phase === 'role-assignment' ? ['--azure-role', 'Reader', '--azure-scope', 'sub:'] : []
      const single = await test.run('sa', 'create', 'phase', phase, '--service-account-name', 'app', ...flags)
      expect(single.status, phase).toBe(1)
      expect(everything()).toEqual(before)
    }
    const forced = await create('--adopt')
    expect(forced.status, forced.stderr).toBe(0)
  })

  it('writes nothing if its owners cannot be read', async () => {
    plant()
    test.sandbox.state.denied.add('graph owners')
    const before = everything()
    const { status, stderr } = await create()
    expect(status).toBe(1)
    expect(stderr).toContain('it cannot be known whether others can act as it')
    expect(stderr).toContain('list the owners of the application')
    expect(everything()).toEqual(before)
  })

  it('uses it if nobody else controls it, and warns if azwi did not create it', async () => {
    const application = plant({ tags: [] })
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(messages(stderr)).toContain(`azwi did not create the application "${derivedName()}": delete will keep it`)
    expect(application.federatedIdentityCredentials).toHaveLength(1)
    expect(application.tags).toEqual([])
  })

  it('uses it if its object ID is given', async () => {
    const application = plant()
    test.sandbox.state.owners.set(application.id, [person])
    const { status, stderr } = await create('--aad-application-object-id', application.id)
    expect(status, stderr).toBe(0)
  })

  it('continues after an interrupted create of the same login', async () => {
    const first = await test.run('sa', 'create', 'phase', 'app', '--service-account-name', 'app')
    expect(first.status, first.stderr).toBe(0)
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(stderr).not.toContain('azwi did not create')
    expect(test.sandbox.state.applications.size).toBe(1)
  })
})

describe('create with an application that has the unique name of azwi and another display name', () => {
  it('uses it, and changes none of its properties', async () => {
    const application = addApplication(test.sandbox.state, 'renamed', {
      uniqueName: applicationUniqueName(derivedName()),
      tags: ['mine'],
      signInAudience: 'AzureADMultipleOrgs'
    })
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(application).toMatchObject({ displayName: 'renamed', tags: ['mine'], signInAudience: 'AzureADMultipleOrgs' })
    expect(test.sandbox.state.applications.size).toBe(1)
    expect(writes(test.sandbox).filter(({ path }) => path.includes('uniqueName'))).toEqual([])
  })
})

describe('create with an application that the user names', () => {
  it('adopts it with a warning, as after az ad app create', async () => {
    const application = addApplication(test.sandbox.state, 'mine')
    test.sandbox.state.owners.set(application.id, [person])
    const { status, stderr } = await test.run(
      ...['sa', 'create', 'phase', 'federated-identity', '--service-account-name', 'app'],
      ...['--aad-application-name', 'mine']
    )
    expect(status, stderr).toBe(0)
    expect(messages(stderr)).toContain('azwi did not create the application "mine": delete will keep it')
    expect(application.federatedIdentityCredentials).toHaveLength(1)
  })
})

describe('a credential of others that has the derived name', () => {
  it('is not overwritten on an application', async () => {
    const { state } = test.sandbox
    const application = addApplication(state, 'mine')
    addServicePrincipal(state, application)
    const [name = '', second] = credentialNames('default', 'app', issuerOf(state))
    const theirs = structuredClone(addCredential(application, { name, subject: 'system:serviceaccount:b:b' }))
    const { status, stderr } = await create('--aad-application-name', 'mine')
    expect(status, stderr).toBe(0)
    expect(application.federatedIdentityCredentials).toMatchObject([theirs, { name: second }])
    const again = await create('--aad-application-name', 'mine')
    expect(again.status, again.stderr).toBe(0)
    expect(application.federatedIdentityCredentials).toHaveLength(2)
    const removed = await test.run('sa', 'delete', '--service-account-name', 'app')
    expect(removed.status, removed.stderr).toBe(0)
    expect(application.federatedIdentityCredentials).toEqual([theirs])
  })

  it('is not overwritten on a managed identity', async () => {
    const { state } = test.sandbox
    const identity = addManagedIdentity(state, 'shared')
    const [name = '', second = ''] = credentialNames('default', 'app', issuerOf(state))
    addIdentityCredential(identity, { name, subject: 'system:serviceaccount:b:b' })
    const theirs = structuredClone(onlyManagedIdentity(state).federatedIdentityCredentials)
    const flags = ['--managed-identity-name', 'shared', '--managed-identity-resource-group', group]
    const { status, stderr } = await create(...flags)
    expect(status, stderr).toBe(0)
    expect(onlyManagedIdentity(state).federatedIdentityCredentials).toMatchObject([...theirs, { name: second }])
  })
})

describe('create with a planted application that trusts the service account already', () => {
  it('writes nothing, because the service account does not name it', async () => {
    const { state } = test.sandbox
    const application = addApplication(state, derivedName(), { tags: ['azwi'] })
    addServicePrincipal(state, application)
    state.owners.set(application.id, [person])
    addCredential(application, { issuer: issuerOf(state), subject: 'system:serviceaccount:default:app' })
    const before = everything()
    const { status, stderr } = await create()
    expect(status).toBe(1)
    expect(stderr).toContain('its owner Mallory')
    expect(everything()).toEqual(before)
  })
})

describe('an application of others that has no service principal', () => {
  it('gets none if it is refused, not even from its own phase', async () => {
    const { state } = test.sandbox
    const application = addApplication(state, derivedName(), { tags: ['azwi'] })
    state.owners.set(application.id, [person])
    const before = everything()
    for (const words of [[], ['phase', 'app']]) {
      const { status } = await test.run('sa', 'create', ...words, '--service-account-name', 'app')
      expect(status).toBe(1)
      expect(everything()).toEqual(before)
    }
  })
})
