import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { RoleDefinition } from '../../../sandbox/src/arm/resources.js'
import type { State } from '../../../sandbox/src/state.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { messages } from '../../helpers/log.js'
import { addManagedIdentity, addResourceGroup, identityFlags } from '../../helpers/managed-identity.js'
import {
  addRoleAssignment,
  addResource,
  groupScope,
  readerRole,
  subscriptionScope,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const create = (...grants: readonly string[]) =>
  test.run(
    'sa',
    'create',
    '--service-account-name',
    'app',
    ...identityFlags,
    ...grants.flatMap(grant => ['--grant', grant])
  )
const assignments = () => [...test.sandbox.state.roleAssignments.values()]
const scopes = () =>
  assignments()
    .map(({ scope }) => scope)
    .toSorted()
const customId = '0b0b0b0b-2222-4333-8444-555555555555'
const builtIn = `/providers/Microsoft.Authorization/roleDefinitions/${readerRole}`

function addCustomRole(state: State, roleName: string, scope: string, name = customId): RoleDefinition {
  const role: RoleDefinition = {
    name,
    roleName,
    description: '',
    type: 'CustomRole',
    permissions: [{ actions: ['*/read'], notActions: [], dataActions: [], notDataActions: [] }],
    assignableScopes: [scope],
    createdOn: '2024-01-02T03:04:05Z',
    updatedOn: '2024-01-02T03:04:05Z',
    createdBy: null,
    updatedBy: null
  }
  state.roleDefinitions.set(name, role)
  return role
}

describe('--grant', () => {
  it('can be repeated and combined with --azure-role and --azure-scope, with short scopes', async () => {
    const { state } = test.sandbox
    const vault = addResource(state, 'Microsoft.KeyVault/vaults', 'v')
    const { status, stderr } = await test.run(
      'sa',
      'create',
      '--service-account-name',
      'app',
      ...identityFlags,
      '--azure-role',
      'Reader',
      '--azure-scope',
      groupScope(state),
      '--grant',
      'Contributor=rg:azwi-sandbox',
      '--grant',
      'reader=sub:',
      '--grant',
      `Contributor=sub:${state.subscriptionId.toUpperCase()}`,
      '--grant',
      `Reader=${vault}`
    )
    expect(status, stderr).toBe(0)
    expect(scopes().map(scope => scope.toLowerCase())).toEqual(
      [subscriptionScope(state), subscriptionScope(state), groupScope(state), groupScope(state), vault].map(scope =>
        scope.toLowerCase()
      )
    )
    test.sandbox.requests.length = 0
    expect((await create('Contributor=rg:AZWI-SANDBOX', 'READER=sub:')).status).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
  })

  it.each([
    ['by name in another letter case', 'reader=rg:azwi-sandbox'],
    ['by GUID', `${readerRole}=rg:azwi-sandbox`],
    ['by GUID in capitals', `${readerRole.toUpperCase()}=rg:azwi-sandbox`],
    ['by resource id', `${builtIn}=rg:azwi-sandbox`],
    ['at the group in another letter case', 'Reader=rg:Azwi-Sandbox']
  ])('assigns the same role at the same scope once: %s', async (_, grant) => {
    const { status, stderr } = await create('Reader=rg:azwi-sandbox', grant)
    expect(status, stderr).toBe(0)
    expect(assignments()).toHaveLength(1)
    expect(writes(test.sandbox).filter(({ path }) => path.includes('/roleAssignments/'))).toHaveLength(1)
    expect(messages(stderr).filter(text => text.includes('role assignment'))).toHaveLength(1)
  })

  it.each(['O\'Brien "the" role', 'a=b', 'x = y=z', 'Ünïcode & more', '100% role'])(
    'accepts the name of a custom role in any letter case: %j',
    async roleName => {
      addCustomRole(test.sandbox.state, roleName, groupScope(test.sandbox.state))
      const { status, stderr } = await create(`${roleName.toLowerCase()}=rg:azwi-sandbox`)
      expect(status, stderr).toBe(0)
      expect(assignments()).toMatchObject([{ roleDefinitionId: expect.stringContaining(customId) as string }])
    }
  )

  it.each([
    ['by name', 'Mine'],
    ['by GUID', customId],
    ['by resource id', `/providers/Microsoft.Authorization/roleDefinitions/${customId}`]
  ])('refuses before any write a custom role that is not assignable at the scope: %s', async (_, role) => {
    addCustomRole(test.sandbox.state, 'Mine', groupScope(test.sandbox.state))
    addResourceGroup(test.sandbox.state, 'other')
    const named = role.startsWith('/') ? `${groupScope(test.sandbox.state)}${role}` : role
    const { status, stderr } = await test.run(
      'sa',
      'create',
      '--service-account-name',
      'app',
      ...identityFlags,
      '--grant',
      `${named}=rg:other`,
      '--timeout',
      '3s'
    )
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: there is no role ".*" at .*\/other\nHint: .*az role definition list/m)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('writes nothing if one of several names an unknown role', async () => {
    const { status, stderr } = await create('Reader=rg:azwi-sandbox', 'No Such Role=sub:')
    expect(status).toBe(1)
    expect(stderr).toContain('Error: there is no role "No Such Role"')
    expect(writes(test.sandbox)).toEqual([])
  })

  it('is an error with the GUIDs if two roles have the name', async () => {
    addCustomRole(test.sandbox.state, 'Twin', subscriptionScope(test.sandbox.state))
    addCustomRole(test.sandbox.state, 'twin', subscriptionScope(test.sandbox.state), customId.replace('0b', '0c'))
    const { status, stderr } = await create('Twin=sub:')
    expect(status).toBe(1)
    expect(stderr).toContain(customId)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('keeps an existing assignment under another GUID', async () => {
    const { state } = test.sandbox
    const existing = addRoleAssignment(state, addManagedIdentity(state).principalId, groupScope(state), readerRole)
    expect((await create('Reader=rg:azwi-sandbox')).status).toBe(0)
    expect(assignments()).toEqual([existing])
  })

  it('reports a failed assignment, and creates and reports the others, even slow ones', async () => {
    addResourceGroup(test.sandbox.state, 'other')
    test.fault(async (request, _service, next) => {
      if (request.method !== 'PUT' || !request.path.includes('/roleAssignments/')) return next()
      if (request.path.includes('/other/'))
        return { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No.' } } }
      await sleep(300)
      return next()
    })
    const { status, stderr } = await create('Reader=rg:azwi-sandbox', 'Reader=rg:other', 'Contributor=rg:azwi-sandbox')
    expect(status).toBe(4)
    expect(stderr).toMatch(/^Error: .*\/other: AuthorizationFailed/m)
    expect(scopes()).toEqual([groupScope(test.sandbox.state), groupScope(test.sandbox.state)])
    expect(messages(stderr).filter(text => text === '[role-assignment] created role assignment')).toHaveLength(2)
    expect(stderr).toMatch(/^There now: .*role assignment "Reader"/m)
    expect(stderr).toMatch(/^There now: .*role assignment "Contributor"/m)
  })

  it('reports each of several failures', async () => {
    addResourceGroup(test.sandbox.state, 'other')
    test.sandbox.state.denied.add('arm')
    addManagedIdentity(test.sandbox.state)
    const { status, stderr } = await test.run(
      'sa',
      'create',
      'phase',
      'ra',
      ...identityFlags,
      '--grant',
      'Reader=rg:azwi-sandbox',
      '--grant',
      'Reader=rg:other'
    )
    expect(status).toBe(4)
    expect(stderr).toMatch(/^Error: .*\/azwi-sandbox: AuthorizationFailed/m)
    expect(stderr).toMatch(/^Error: .*\/other: AuthorizationFailed/m)
  })
})

describe('--grant is refused before any request:', () => {
  it.each([
    '',
    'Reader',
    'Reader=',
    '=rg:g',
    'Reader=g',
    'Reader=rg:',
    'Reader=rg:a/b',
    'Reader=sub:nonsense',
    'Reader=/subscriptions/nonsense',
    'Reader=/subscriptions/',
    'Reader=RG:g',
    ' =rg:g',
    'Reader=rg:g ',
    'Reader=rg:g.',
    'Reader=//'
  ])('%j', async grant => {
    const { status, stderr } = await create(grant)
    expect(status, stderr).toBe(2)
    expect(stderr).toMatch(/^Error: --grant [^\n]+\nHint: [^\n]+\n$/)
    expect(test.sandbox.requests).toEqual([])
  })
})
