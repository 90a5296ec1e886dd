import { beforeEach, describe, expect, it } from 'vitest'
import { armService } from '../src/arm/service.js'
import type { State } from '../src/state.js'
import { reusableState } from '../../test/helpers/state-reset.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

const other = '22222222-0000-0000-0000-000000000000'
const freshState = reusableState()
let state: State
let arm: Call
let own: string

beforeEach(async () => {
  state = await freshState()
  arm = await createCaller(state, armService(state), 'https://management.azure.com/')
  own = `/subscriptions/${state.subscriptionId}`
  state.subscriptions.set(other, {
    id: other,
    displayName: 'other',
    state: 'Enabled',
    managementGroup: state.tenantId
  })
})

const outcome = ({ status, body }: Answer): [number, string] => [status, body.error.code]
const listed = async (): Promise<string[]> =>
  (await arm('GET', '/subscriptions?api-version=2022-12-01')).body.value.map(({ id }) => id)
const group = (subscription: string, name = 'azwi-sandbox'): string => `${subscription}/resourceGroups/${name}`
const identity = (subscription: string, name: string): string =>
  `${group(subscription)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
const createGroup = (subscription: string): Promise<Answer> =>
  arm('PUT', `${group(subscription)}?api-version=2021-04-01`, { body: { location: 'eastus' } })
const createIdentity = (id: string): Promise<Answer> =>
  arm('PUT', `${id}?api-version=2024-11-30`, { body: { location: 'eastus' } })
const identitiesIn = async (scope: string): Promise<string[]> => {
  const { body } = await arm(
    'GET',
    `${scope}/providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2024-11-30`
  )
  return body.value.map(({ name }) => name)
}

describe('a second subscription', () => {
  it('has its own groups and identities, also under the same names', async () => {
    expect(outcome(await createIdentity(identity(`/subscriptions/${other}`, 'one')))).toEqual([
      404,
      'ResourceGroupNotFound'
    ])
    expect((await createGroup(`/subscriptions/${other}`)).status).toBe(201)
    expect((await createIdentity(identity(`/subscriptions/${other}`, 'one'))).status).toBe(201)
    expect((await createIdentity(identity(own, 'one'))).status).toBe(201)
    expect((await createIdentity(identity(own, 'two'))).status).toBe(201)
    expect(await identitiesIn(own)).toEqual(['one', 'two'])
    expect(await identitiesIn(`/subscriptions/${other}`)).toEqual(['one'])
    expect(await identitiesIn(group(`/subscriptions/${other.toUpperCase()}`))).toEqual(['one'])
    const groups = await arm('GET', `/subscriptions/${other}/resourcegroups?api-version=2021-04-01`)
    expect(groups.body.value).toMatchObject([{ id: group(`/subscriptions/${other}`), location: 'eastus' }])
    expect((await arm('GET', `${group(own)}?api-version=2021-04-01`)).body).toMatchObject({ location: 'westeurope' })
  })

  it('is listed, and can be read', async () => {
    expect(await listed()).toEqual([own, `/subscriptions/${other}`])
    expect((await arm('GET', `/subscriptions/${other}?api-version=2022-12-01`)).body.displayName).toBe('other')
  })
})

describe('a subscription that is not enabled', () => {
  it.each(['Disabled', 'Warned'] as const)('can be read and emptied but not written if it is %s', async name => {
    await createGroup(`/subscriptions/${other}`)
    await createIdentity(identity(`/subscriptions/${other}`, 'one'))
    state.subscriptions.get(other)!.state = name
    expect(outcome(await createIdentity(identity(`/subscriptions/${other}`, 'one')))).toEqual([
      409,
      'ReadOnlyDisabledSubscription'
    ])
    expect(await identitiesIn(`/subscriptions/${other}`)).toEqual(['one'])
    const target = `${identity(`/subscriptions/${other}`, 'one')}?api-version=2024-11-30`
    expect((await arm('DELETE', target)).status).toBe(200)
    expect(await listed()).toContain(`/subscriptions/${other}`)
  })

  it('is still listed but not found if it is deleted', async () => {
    state.subscriptions.get(other)!.state = 'Deleted'
    expect(await listed()).toContain(`/subscriptions/${other}`)
    const path = `/subscriptions/${other}/providers/Microsoft.Authorization/roleAssignments`
    expect(outcome(await arm('GET', `${path}?api-version=2022-04-01`))).toEqual([404, 'SubscriptionNotFound'])
  })
})

describe('a denied action', () => {
  const assignmentsIn = (scope: string): Promise<Answer> =>
    arm('GET', `${scope}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01`)

  it('is denied at every scope, and no other action is', async () => {
    state.denied.add('Microsoft.Authorization/roleAssignments/read')
    expect(outcome(await assignmentsIn(own))).toEqual([403, 'AuthorizationFailed'])
    expect(outcome(await assignmentsIn(''))).toEqual([403, 'AuthorizationFailed'])
    expect((await assignmentsIn(`/subscriptions/${other}`)).body.error.message).toContain(
      `action 'Microsoft.Authorization/roleAssignments/read' over scope '/subscriptions/${other}/providers/Microsoft.Authorization'`
    )
    expect(await identitiesIn(own)).toEqual([])
  })

  it('with a scope is denied only there and below', async () => {
    state.denied.add(`Microsoft.Authorization/roleAssignments/read /subscriptions/${other.toUpperCase()}`)
    expect(outcome(await assignmentsIn(group(`/subscriptions/${other}`)))[0]).toBe(403)
    expect((await assignmentsIn(own)).status).toBe(200)
  })

  it('of any type hides a subscription from the list', async () => {
    state.denied.add(`*/read /subscriptions/${other}`)
    expect(await listed()).toEqual([own])
    expect(outcome(await arm('GET', `/subscriptions/${other}?api-version=2022-12-01`))).toEqual([
      403,
      'AuthorizationFailed'
    ])
    expect(outcome(await assignmentsIn(`/subscriptions/${other}`))[0]).toBe(403)
  })

  it('on all subscriptions makes the list empty, not an error', async () => {
    state.denied.add('Microsoft.Resources/subscriptions/read')
    const answer = await arm('GET', '/subscriptions?api-version=2022-12-01')
    expect([answer.status, answer.body.value]).toEqual([200, []])
  })

  it('on one group leaves its identities out of the list of the subscription', async () => {
    await arm('PUT', `${group(own, 'secret')}?api-version=2021-04-01`, { body: { location: 'eastus' } })
    await createIdentity(identity(own, 'one'))
    await createIdentity(identity(own, 'two').replace('azwi-sandbox', 'secret'))
    expect(await identitiesIn(own)).toEqual(['one', 'two'])
    state.denied.add(`Microsoft.ManagedIdentity/userAssignedIdentities/read ${group(own, 'secret')}`)
    expect(await identitiesIn(own)).toEqual(['one'])
    const target = identity(own, 'two').replace('azwi-sandbox', 'secret')
    expect(outcome(await arm('GET', `${target}?api-version=2024-11-30`))[0]).toBe(403)
  })

  it('at a management group says nothing about its subscriptions', async () => {
    const root = `/providers/Microsoft.Management/managementGroups/${state.tenantId}`
    state.denied.add(`Microsoft.Authorization/*/delete ${root}`)
    const name = '00000000-0000-0000-0000-000000000001'
    const remove = (scope: string): Promise<Answer> =>
      arm('DELETE', `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`)
    expect(outcome(await remove(root))).toEqual([403, 'AuthorizationFailed'])
    expect((await remove(own)).status).toBe(204)
  })
})
