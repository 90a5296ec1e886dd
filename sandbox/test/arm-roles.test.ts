import { addResource } from './recorded-replay.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { armService } from '../src/arm/service.js'
import type { State } from '../src/state.js'
import { reusableState } from '../../test/helpers/state-reset.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'
const stranger = '11111111-2222-3333-4444-555555555555'
const guid = (last: number): string => `00000000-0000-0000-0000-00000000000${last}`

const freshState = reusableState()
let state: State
let arm: Call
let subscription: string
let group: string

beforeEach(async () => {
  state = await freshState()
  arm = await createCaller(state, armService(state), 'https://management.azure.com/')
  subscription = `/subscriptions/${state.subscriptionId}`
  group = `${subscription}/resourceGroups/azwi-sandbox`
  state.managementGroups.set('mg', { name: 'mg', displayName: 'mg', parent: state.tenantId })
})

interface Assignment {
  readonly scope?: string
  readonly name?: string
  readonly role?: string
  readonly principalId?: string
  readonly principalType?: string | undefined
}

function assign({
  scope = group,
  name = guid(1),
  role = reader,
  principalId = state.operator.objectId,
  principalType = 'ServicePrincipal'
}: Assignment): Promise<Answer> {
  const roleDefinitionId = role.includes('/')
    ? role
    : `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`
  return arm(
    'PUT',
    `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`,
    {
      body: { properties: { roleDefinitionId, principalId, ...(principalType === '' ? {} : { principalType }) } }
    }
  )
}

async function listed(scope: string, kind: 'roleAssignments' | 'roleDefinitions', filter?: string): Promise<string[]> {
  const query = filter === undefined ? '' : `&$filter=${encodeURIComponent(filter)}`
  const { status, body } = await arm(
    'GET',
    `${scope}/providers/Microsoft.Authorization/${kind}?api-version=2022-04-01${query}`
  )
  expect(status, JSON.stringify(body)).toBe(200)
  return body.value.map(({ name }) => name).sort()
}

const outcome = ({ status, body }: Answer): [number, string] => [status, body.error.code]

describe('a role assignment', () => {
  it('is created at any scope, and shows the scope as it was requested', async () => {
    addResource(state, 'azwi-sandbox', 'Microsoft.Storage/storageAccounts', 'a')
    const scopes = [
      subscription,
      group,
      `${group}/providers/Microsoft.Storage/storageAccounts/a/blobServices/default/containers/c`,
      '/providers/Microsoft.Management/managementGroups/mg'
    ]
    for (const [index, scope] of scopes.entries()) {
      const answer = await assign({ scope, name: guid(index) })
      expect(answer.status, JSON.stringify(answer.body)).toBe(201)
      expect(answer.body.properties).toMatchObject({ scope, createdBy: null, updatedBy: state.operator.objectId })
    }
  })

  it('can be written twice', async () => {
    expect((await assign({})).status).toBe(201)
    expect((await assign({})).status).toBe(201)
    expect(state.roleAssignments.size).toBe(1)
  })

  it.each<[Assignment, number, string]>([
    [{ name: 'no-guid' }, 400, 'InvalidRoleAssignmentId'],
    [{ role: stranger }, 400, 'RoleDefinitionDoesNotExist'],
    [{ role: '/Reader' }, 400, 'BadRequestFormat'],
    [{ principalId: 'Reader' }, 400, 'InvalidPrincipalId'],
    [{ principalId: stranger, principalType: '' }, 400, 'PrincipalNotFound'],
    [{ principalType: 'User' }, 400, 'UnmatchedPrincipalType']
  ])('is refused with %j', async (assignment, status, code) => {
    expect(outcome(await assign(assignment))).toEqual([status, code])
    expect(state.roleAssignments.size).toBe(0)
  })

  it('is created for a principal that does not exist if the request has its type', async () => {
    expect((await assign({ principalId: stranger })).status).toBe(201)
  })

  it('is unique for role, scope and principal, and the conflict names the existing one without dashes', async () => {
    await assign({})
    const again = await assign({
      name: guid(2),
      scope: group.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')
    })
    expect(outcome(again)).toEqual([409, 'RoleAssignmentExists'])
    expect(again.body.error.message).toContain(guid(1).replaceAll('-', ''))
  })

  it('cannot change its role, principal or scope', async () => {
    await assign({})
    for (const change of [{ role: owner }, { principalId: stranger }, { scope: subscription }]) {
      expect(outcome(await assign(change))).toEqual([400, 'RoleAssignmentUpdateNotPermitted'])
    }
  })

  it('is read, and deleted with 200 and itself in the body, then with 204', async () => {
    await assign({})
    const target = `${group}/providers/Microsoft.Authorization/roleAssignments/${guid(1)}?api-version=2022-04-01`
    expect((await arm('GET', target)).status).toBe(200)
    expect((await arm('DELETE', target)).body.name).toBe(guid(1))
    expect((await arm('DELETE', target)).status).toBe(204)
    expect((await arm('GET', target)).status).toBe(404)
  })

  it('is listed above and below a scope and by principal, and with atScope() not below', async () => {
    const resource = `${group}/providers/Microsoft.KeyVault/vaults/v`
    const missing = await assign({ scope: resource, name: guid(3), principalId: stranger })
    expect(outcome(missing)).toEqual([404, 'ResourceNotFound'])
    addResource(state, 'azwi-sandbox', 'Microsoft.KeyVault/vaults', 'v')
    await assign({ scope: subscription, name: guid(1) })
    await assign({ scope: group, name: guid(2) })
    await assign({ scope: resource, name: guid(3), principalId: stranger })
    expect(await listed(group, 'roleAssignments')).toEqual([guid(1), guid(2), guid(3)])
    expect(await listed(group, 'roleAssignments', 'atScope()')).toEqual([guid(1), guid(2)])
    expect(await listed(subscription, 'roleAssignments', `principalId eq '${stranger}'`)).toEqual([guid(3)])
    expect(await listed(subscription, 'roleAssignments', `atScope() and assignedTo('${stranger}')`)).toEqual([])
    const refused = await arm(
      'GET',
      `${group}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=principalId eq ${stranger}`
    )
    expect(outcome(refused)).toEqual([400, 'UnsupportedQuery'])
  })

  it('is listed for the subscriptions below its management group, and for no others', async () => {
    const managementGroup = (name: string): string => `/providers/Microsoft.Management/managementGroups/${name}`
    const other = '99999999-0000-0000-0000-000000000000'
    state.managementGroups.set('child', { name: 'child', displayName: 'child', parent: 'MG' })
    state.subscriptions.get(state.subscriptionId)!.managementGroup = 'Child'
    state.subscriptions.set(other, { id: other, displayName: 'other', state: 'Enabled', managementGroup: 'mg' })
    const scopes = ['/', managementGroup(state.tenantId), managementGroup('mg'), managementGroup('child'), subscription]
    for (const [index, scope] of scopes.entries()) await assign({ scope, name: guid(index), principalId: stranger })
    const all = scopes.map((_scope, index) => guid(index))
    for (const filter of [`principalId eq '${stranger}'`, `assignedTo('${stranger}')`, 'atScope()', undefined])
      expect(await listed(subscription, 'roleAssignments', filter)).toEqual(all)
    expect(await listed(group, 'roleAssignments', 'atScope()')).toEqual(all)
    expect(await listed(`/subscriptions/${other}`, 'roleAssignments')).toEqual(all.slice(0, 3))
    expect(await listed(managementGroup('mg'), 'roleAssignments', 'atScope()')).toEqual(all.slice(0, 3))
  })

  it('above a subscription shows the role with an ID below the subscription that was asked', async () => {
    const scope = '/providers/Microsoft.Management/managementGroups/mg'
    state.subscriptions.get(state.subscriptionId)!.managementGroup = 'mg'
    await assign({ scope })
    const list = `${group}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01`
    const role = `/providers/Microsoft.Authorization/roleDefinitions/${reader}`
    expect((await arm('GET', list)).body.value).toMatchObject([
      {
        id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${guid(1)}`,
        properties: { scope, roleDefinitionId: `${subscription}${role}` }
      }
    ])
    const one = await arm(
      'GET',
      `${scope}/providers/Microsoft.Authorization/roleAssignments/${guid(1)}?api-version=2022-04-01`
    )
    expect(one.body.properties.roleDefinitionId).toBe(role)
  })

  it('is refused at a management group that does not exist', async () => {
    const scope = '/providers/Microsoft.Management/managementGroups/none'
    expect(outcome(await assign({ scope }))).toEqual([403, 'AuthorizationFailed'])
  })

  it('is listed in pages', async () => {
    for (let index = 0; index < 150; index += 1) {
      await assign({
        name: `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`,
        principalId: `11111111-0000-0000-0000-${String(index).padStart(12, '0')}`
      })
    }
    const first = await arm(
      'GET',
      `${subscription}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01`
    )
    const second = await arm('GET', first.body.nextLink)
    expect([first.body.value.length, second.body.value.length, second.body.nextLink]).toEqual([100, 50, undefined])
  })
})

describe('a role definition', () => {
  it('is found by name in any letter case, with an ID under the subscription', async () => {
    expect(await listed(group, 'roleDefinitions', "roleName eq 'rEADER'")).toEqual([reader])
    const { body } = await arm(
      'GET',
      `/providers/Microsoft.Authorization/roleDefinitions/${reader}?api-version=2022-04-01`
    )
    expect(body.id).toBe(`/providers/Microsoft.Authorization/roleDefinitions/${reader}`)
    expect(await listed(group, 'roleDefinitions', "roleName eq 'Nobody'")).toEqual([])
  })

  it('that is custom is listed at and below its scopes, and cannot be deleted while it is assigned', async () => {
    const target = `${group}/providers/Microsoft.Authorization/roleDefinitions/${guid(7)}?api-version=2022-04-01`
    const properties = {
      roleName: 'Mine',
      description: '',
      permissions: [{ actions: ['*/read'] }],
      assignableScopes: [group]
    }
    expect((await arm('PUT', target, { body: { properties } })).status).toBe(201)
    expect(
      await listed(`${group}/providers/Microsoft.KeyVault/vaults/v`, 'roleDefinitions', "type eq 'CustomRole'")
    ).toEqual([guid(7)])
    expect(await listed(subscription, 'roleDefinitions', "type eq 'CustomRole'")).toEqual([])
    expect(outcome(await assign({ scope: subscription, role: guid(7) }))).toEqual([400, 'RoleDefinitionDoesNotExist'])
    expect((await assign({ role: guid(7) })).status).toBe(201)
    expect(outcome(await arm('DELETE', target))).toEqual([400, 'RoleDefinitionHasAssignments'])
    state.roleAssignments.clear()
    expect((await arm('DELETE', target)).status).toBe(200)
    expect((await arm('DELETE', target)).status).toBe(204)
  })

  it('that is built in cannot be changed, and names are unique', async () => {
    const put = (name: string, roleName: string): Promise<Answer> =>
      arm('PUT', `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${name}?api-version=2022-04-01`, {
        body: { properties: { roleName, assignableScopes: [subscription] } }
      })
    expect((await put(reader, 'Mine')).status).toBe(400)
    expect(outcome(await put(guid(7), 'reader'))).toEqual([409, 'RoleDefinitionWithSameNameExists'])
  })
})
