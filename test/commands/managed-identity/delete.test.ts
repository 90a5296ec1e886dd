import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { fieldsFor, messages } from '../../helpers/log.js'
import {
  addIdentityCredential,
  addManagedIdentity,
  identityFlags,
  identityId,
  onlyManagedIdentity,
  servicesAsked
} from '../../helpers/managed-identity.js'
import {
  addRoleAssignment,
  groupScope,
  readerRole,
  serviceAccountIn,
  subscriptionScope,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const account = (name = 'app') => ['--service-account-name', name]
const role = () => ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]
const create = (name = 'app', ...more: readonly string[]) =>
  test.run('sa', 'create', ...account(name), ...identityFlags, ...role(), ...more)
const remove = (...more: readonly string[]) => test.run('sa', 'delete', ...account(), ...identityFlags, ...more)
const assignments = () => [...test.sandbox.state.roleAssignments.values()]

describe('azwi serviceaccount delete with a managed identity', () => {
  it('deletes all objects of create, without a request to Graph', async () => {
    await create()
    const { status, stderr } = await remove()
    expect(status, stderr).toBe(0)
    const { state } = test.sandbox
    expect(state.managedIdentities.size).toBe(0)
    expect(assignments()).toEqual([])
    expect(serviceAccountIn(state, 'app')).toBeUndefined()
    expect(servicesAsked(test.sandbox)).not.toContain('graph')
  })

  it('finds nothing in a second run, and succeeds', async () => {
    await create()
    await remove()
    test.sandbox.requests.length = 0
    const { status, stderr } = await remove()
    expect(status, stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(messages(stderr).every(text => text.endsWith('not found'))).toBe(true)
  })

  it('succeeds if the resource group does not exist', async () => {
    const { status, stderr } = await test.run(
      'sa',
      'delete',
      ...account(),
      '--managed-identity-name',
      'shared',
      '--managed-identity-resource-group',
      'gone'
    )
    expect(status, stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('allows another create', async () => {
    for (const round of [1, 2]) {
      expect((await create()).status, `round ${round}`).toBe(0)
      expect((await remove()).status, `round ${round}`).toBe(0)
    }
    expect(test.sandbox.state.managedIdentities.size).toBe(0)
  })

  it('keeps an identity that azwi did not create, and deletes only the credential and role assignments of azwi', async () => {
    const { state } = test.sandbox
    const identity = addManagedIdentity(state, 'shared', { tags: { team: 'green' } })
    const foreign = addRoleAssignment(state, identity.principalId, subscriptionScope(state), readerRole)
    await create()
    expect(assignments()).toHaveLength(2)
    const { status, stderr } = await remove()
    expect(status, stderr).toBe(0)
    expect(onlyManagedIdentity(state)).toMatchObject({ tags: { team: 'green' }, federatedIdentityCredentials: [] })
    expect(assignments()).toEqual([foreign])
    expect(serviceAccountIn(state, 'app')).toBeUndefined()
    expect(fieldsFor(stderr, '[managed-identity] kept managed identity').reason).toContain('not made by azwi')
  })

  it('keeps an identity with a tag that only resembles the mark', async () => {
    addManagedIdentity(test.sandbox.state, 'shared', { tags: { 'managed-by': 'terraform', azwi: 'managed-by' } })
    expect((await remove()).status).toBe(0)
    expect(test.sandbox.state.managedIdentities.size).toBe(1)
  })

  it('keeps an identity, and its roles, that other service accounts use, and deletes it with the last one', async () => {
    const { state } = test.sandbox
    await create()
    await create('other')
    const { status, stderr } = await remove()
    expect(status, stderr).toBe(0)
    expect(onlyManagedIdentity(state).federatedIdentityCredentials).toMatchObject([
      { subject: 'system:serviceaccount:default:other' }
    ])
    expect(assignments()).toHaveLength(1)
    expect(serviceAccountIn(state, 'app')).toBeUndefined()
    expect(serviceAccountIn(state, 'other')).toBeDefined()
    expect(fieldsFor(stderr, '[managed-identity] kept managed identity').reason).toContain(
      'system:serviceaccount:default:other'
    )
    const last = await test.run('sa', 'delete', ...account('other'), ...identityFlags)
    expect(last.status, last.stderr).toBe(0)
    expect(state.managedIdentities.size).toBe(0)
    expect(assignments()).toEqual([])
  })

  it('accepts the resource ID in any letter case, and a dry run writes nothing', async () => {
    await create()
    const id = identityId(test.sandbox.state).toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')
    test.sandbox.requests.length = 0
    const dry = await test.run('sa', 'delete', ...account(), '--managed-identity-resource-id', id, '--dry-run')
    expect(dry.status, dry.stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(messages(dry.stderr)).toContain('[managed-identity] would delete managed identity')
    const { status, stderr } = await test.run('sa', 'delete', ...account(), '--managed-identity-resource-id', id)
    expect(status, stderr).toBe(0)
    expect(test.sandbox.state.managedIdentities.size).toBe(0)
  })
})

describe('azwi serviceaccount delete phase, with a managed identity', () => {
  it.each([
    ['fi', () => onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials.length === 0],
    ['ra', () => assignments().length === 0],
    ['sa', () => serviceAccountIn(test.sandbox.state, 'app') === undefined],
    ['mi', () => test.sandbox.state.managedIdentities.size === 0]
  ])('%s deletes only its own object, and succeeds in a second run', async (name, isDeleted) => {
    await create()
    test.sandbox.requests.length = 0
    const force = name === 'mi' || name === 'managed-identity' ? ['--force'] : []
    const { status, stderr } = await test.run('sa', 'delete', 'phase', name, ...account(), ...identityFlags, ...force)
    expect(status, stderr).toBe(0)
    expect(isDeleted()).toBe(true)
    expect(writes(test.sandbox)).toHaveLength(1)
    const again = await test.run('sa', 'delete', 'phase', name, ...account(), ...identityFlags)
    expect(again.status, again.stderr).toBe(0)
    expect(writes(test.sandbox)).toHaveLength(1)
  })

  it('fi keeps other credentials', async () => {
    await create()
    const identity = onlyManagedIdentity(test.sandbox.state)
    const other = addIdentityCredential(identity)
    const { status, stderr } = await test.run('sa', 'delete', 'phase', 'fi', ...account(), ...identityFlags)
    expect(status, stderr).toBe(0)
    expect(identity.federatedIdentityCredentials).toEqual([other])
  })
})
