import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { fieldsFor, messages } from '../../helpers/log.js'
import {
  addResource,
  addApplication,
  addRoleAssignment,
  addServicePrincipal,
  groupScope,
  onlyApplication,
  principalOf,
  readerRole,
  subscriptionScope,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const create = (role: string, scope = groupScope(test.sandbox.state), ...more: readonly string[]) =>
  test.azwi([
    'sa',
    'create',
    '--service-account-name',
    'app',
    '--aad-application-name',
    'shared',
    '--azure-role',
    role,
    '--azure-scope',
    scope,
    ...more
  ])
const assignments = () => [...test.sandbox.state.roleAssignments.values()]
const reader = () =>
  `${subscriptionScope(test.sandbox.state)}/providers/Microsoft.Authorization/roleDefinitions/${readerRole}`

describe('the role assignment of create', () => {
  it.each([
    ['by name', () => 'Reader'],
    ['by name in another letter case', () => 'rEADER'],
    ['by GUID', () => readerRole],
    ['by GUID in capitals', () => readerRole.toUpperCase()],
    ['by resource id', reader],
    ['by resource id without a subscription', () => `/providers/Microsoft.Authorization/roleDefinitions/${readerRole}`]
  ])('is the same in a second run for a role that is given %s', async (_, role) => {
    const { status, stderr } = await create(role())
    expect(status, stderr).toBe(0)
    const made = assignments()
    expect(made).toMatchObject([{ roleDefinitionId: reader(), principalType: 'ServicePrincipal' }])
    test.sandbox.requests.length = 0
    expect((await create('Reader')).status).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(assignments()).toEqual(made)
  })

  it.each(['No Such Role', "O'Role", '11111111-2222-4333-8444-555555555555'])(
    'is refused before any write for an unknown role: %s',
    async role => {
      const { status, stderr } = await create(role)
      expect(status).toBe(1)
      expect(stderr).toContain(`Error: there is no role "${role}"`)
      expect(stderr).toMatch(/^Hint: .*az role definition list/m)
      expect(writes(test.sandbox)).toEqual([])
    }
  )

  it.each([
    ['the subscription', () => subscriptionScope(test.sandbox.state)],
    [
      'the resource group in another letter case',
      () => groupScope(test.sandbox.state).toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')
    ],
    ['a resource', () => addResource(test.sandbox.state, 'Microsoft.Storage/storageAccounts', 'azwi')]
  ])('can be at %s', async (_, scope) => {
    const { status, stderr } = await create('Reader', scope())
    expect(status, stderr).toBe(0)
    expect(assignments()[0]?.scope.toLowerCase()).toBe(scope().toLowerCase())
  })

  it('is an existing one under another GUID', async () => {
    const { state } = test.sandbox
    const existing = addRoleAssignment(
      state,
      addServicePrincipal(state, addApplication(state, 'shared')).id,
      groupScope(state),
      readerRole
    )
    const { status, stderr } = await create('Reader')
    expect(status, stderr).toBe(0)
    expect(assignments()).toEqual([existing])
    expect(fieldsFor(stderr, '[role-assignment] role assignment already exists').roleAssignmentID).toBe(existing.id)
  })

  it('is an existing one that only RoleAssignmentExists reports', async () => {
    const { state } = test.sandbox
    const existing = addRoleAssignment(
      state,
      addServicePrincipal(state, addApplication(state, 'shared')).id,
      groupScope(state),
      readerRole
    )
    let looks = 0
    test.fault(async (request, _, next) => {
      const listing = request.method === 'GET' && request.path.endsWith('/roleAssignments')
      return listing && looks++ === 0 ? { status: 200, body: { value: [] } } : next()
    })
    const { status, stderr } = await create('Reader')
    expect(status, stderr).toBe(0)
    expect(test.sandbox.requests).toContainEqual(
      expect.objectContaining({ service: 'arm', method: 'PUT', status: 409 })
    )
    expect(fieldsFor(stderr, '[role-assignment] role assignment already exists').roleAssignmentID).toBe(existing.id)
  })

  it('is created even if the principal has the role at a wider scope', async () => {
    const { state } = test.sandbox
    addRoleAssignment(
      state,
      addServicePrincipal(state, addApplication(state, 'shared')).id,
      subscriptionScope(state),
      readerRole
    )
    expect((await create('Reader')).status).toBe(0)
    expect(assignments()).toHaveLength(2)
  })
})

describe('a resource group that does not exist', () => {
  it.each([
    ['ra', ['--grant', 'Reader=rg:nope']],
    ['ra', ['--azure-role', 'Reader', '--azure-scope', 'rg:nope']],
    ['fi', ['--managed-identity-name', 'shared', '--managed-identity-resource-group', 'nope']]
  ])('is an error of phase %s with the line that lists the groups: %j', async (phase, flags) => {
    const { status, stderr } = await test.run('sa', 'create', 'phase', phase, '--service-account-name', 'app', ...flags)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*'nope' could not be found.*\nHint: .*az group list/m)
  })
})

describe('the principal that gets the role', () => {
  it('is the one with the given object ID, which is looked up', async () => {
    const principal = addServicePrincipal(test.sandbox.state, {
      appId: 'aaaaaaaa-2222-4333-8444-555555555555',
      displayName: 'else'
    })
    const { status, stderr } = await create('Reader', undefined, '--service-principal-object-id', principal.id)
    expect(status, stderr).toBe(0)
    expect(assignments()).toMatchObject([{ principalId: principal.id }])
  })

  it('must exist, although Azure would accept an unknown object ID', async () => {
    const id = '11111111-2222-4333-8444-555555555555'
    const { status, stderr } = await create('Reader', undefined, '--service-principal-object-id', id)
    expect(status).toBe(1)
    expect(stderr).toContain(id)
    expect(assignments()).toEqual([])
  })

  it('is the one with the given name', async () => {
    const principal = addServicePrincipal(test.sandbox.state, {
      appId: 'aaaaaaaa-2222-4333-8444-555555555555',
      displayName: "O'Else"
    })
    const { status, stderr } = await create('Reader', undefined, '--service-principal-name', "O'Else")
    expect(status, stderr).toBe(0)
    expect(assignments()).toMatchObject([{ principalId: principal.id }])
  })

  it('is the created one if none has the given name, as in the Go azwi', async () => {
    const { status, stderr } = await create('Reader', undefined, '--service-principal-name', 'to-be-made')
    expect(status, stderr).toBe(0)
    expect(assignments()).toMatchObject([
      { principalId: principalOf(test.sandbox.state, onlyApplication(test.sandbox.state))?.id }
    ])
  })
})

describe('--azure-role and --azure-scope', () => {
  it.each([
    ['--azure-role', 'Reader'],
    ['--azure-scope', '/subscriptions/11111111-2222-4333-8444-555555555555']
  ])('are a usage error if only one is given: %s', async (flag, value) => {
    const { status, stderr } = await test.azwi(['sa', 'create', '--service-account-name', 'app', flag, value])
    expect(status).toBe(2)
    expect(stderr).toMatch(/^Error: .*--azure-(role|scope).*\nHint: add --azure-(role|scope)/)
    expect(test.sandbox.requests).toEqual([])
  })

  it('are required by the phase, which otherwise has nothing to do', async () => {
    const { status, stderr } = await test.azwi(['sa', 'create', 'phase', 'ra', '--service-account-name', 'app'])
    expect(status).toBe(2)
    expect(stderr).toContain('--azure-role')
    expect(messages(stderr)).toEqual([])
    expect(test.sandbox.requests).toEqual([])
  })
})
