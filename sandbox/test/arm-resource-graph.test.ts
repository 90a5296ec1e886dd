import { beforeEach, describe, expect, it } from 'vitest'
import { armService } from '../src/arm/service.js'
import { createManagedIdentity } from '../src/arm/managed-identity-write.js'
import type { ManagedIdentity } from '../src/arm/resources.js'
import type { State } from '../src/state.js'
import { reusableState } from '../../test/helpers/state-reset.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

const other = '22222222-0000-0000-0000-000000000000'
const type = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const freshState = reusableState()
let state: State
let arm: Call
let mine: ManagedIdentity
let theirs: ManagedIdentity

beforeEach(async () => {
  state = await freshState()
  arm = await createCaller(state, armService(state), 'https://management.azure.com/')
  state.subscriptions.set(other, { id: other, displayName: 'other', state: 'Enabled', managementGroup: 'dev' })
  state.managementGroups.set('dev', { name: 'dev', displayName: 'dev', parent: state.tenantId })
  const add = (subscription: string, name: string): ManagedIdentity =>
    createManagedIdentity(
      state,
      `/subscriptions/${subscription}/resourcegroups/Group/providers/${type}/${name}`,
      'westeurope',
      { a: 'b' }
    )
  mine = add(state.subscriptionId, 'mine')
  theirs = add(other, 'theirs')
})

const ask = (query: string, more: object = {}, version = '2022-10-01'): Promise<Answer> =>
  arm('POST', `/providers/Microsoft.ResourceGraph/resources?api-version=${version}`, { body: { query, ...more } })
const found = async (query: string, more: object = {}): Promise<unknown> => {
  const { status, body } = await ask(query, more)
  expect(status, JSON.stringify(body)).toBe(200)
  return (body.data as { name?: string; id: string }[]).map(({ id }) => id)
}
const refusal = ({ status, body }: Answer): unknown => [status, body.error.code, body.error.details?.[0]?.code]

const all = "resources | where type =~ 'microsoft.managedidentity/userassignedidentities'"

describe('Resource Graph', () => {
  it('finds a managed identity by client ID and by principal ID, in any letter case with =~', async () => {
    const { clientId, principalId, id } = mine
    expect(await found(`${all} | where properties.clientId =~ '${clientId.toUpperCase()}' | project id`)).toEqual([id])
    expect(await found(`Resources | where properties.principalId == "${principalId}" | project id, name`)).toEqual([id])
    expect(await found(`${all} and properties.clientId in~ ('${clientId}', 'x') | project id`)).toEqual([id])
    expect(await found(`Resources | where tostring(properties.clientId) == '${clientId.toUpperCase()}'`)).toEqual([])
    expect(await found(`Resources | where type == '${type}'`)).toEqual([])
    expect(await found(`${all} | where properties.clientId =~ '${clientId}x' | project id`)).toEqual([])
  })

  it('returns the whole row without a projection, with type and group in lower case', async () => {
    const { body } = await ask(`${all} | where name == 'mine'`)
    expect(body.data).toEqual([
      {
        id: mine.id,
        name: 'mine',
        type: type.toLowerCase(),
        tenantId: state.tenantId,
        location: 'westeurope',
        resourceGroup: 'group',
        subscriptionId: state.subscriptionId,
        tags: { a: 'b' },
        properties: { clientId: mine.clientId, principalId: mine.principalId, tenantId: state.tenantId }
      }
    ])
    expect(body).toMatchObject({ totalRecords: 1, count: 1, resultTruncated: 'false', facets: [] })
    expect(body.$skipToken).toBeUndefined()
  })

  it('returns a table on request, and by default in 2019-04-01', async () => {
    const table = { columns: [{ name: 'name', type: 'string' }], rows: [['mine']] }
    const query = `${all} | where name == 'mine' | project name`
    expect((await ask(query, { options: { resultFormat: 'table' } })).body.data).toEqual(table)
    expect((await ask(query, {}, '2019-04-01')).body.data).toEqual(table)
  })

  it('returns pages with a token if the rows have an ID, and cuts them off without', async () => {
    const query = `${all} | order by name asc | project id`
    const first = (await ask(query, { options: { $top: 1 } })).body
    expect(first).toMatchObject({ totalRecords: 2, count: 1, data: [{ id: mine.id }], resultTruncated: 'false' })
    const second = (await ask(query, { options: { $top: 1, $skipToken: first.$skipToken } })).body
    expect([second.data, second.$skipToken]).toEqual([[{ id: theirs.id }], undefined])
    const cut = (await ask(`${all} | project name`, { options: { $top: 1 } })).body
    expect([cut.count, cut.resultTruncated, cut.$skipToken]).toEqual([1, 'true', undefined])
    expect(refusal(await ask(query, { options: { $skipToken: 'x' } }))).toEqual([400, 'BadRequest', 'InvalidSkipToken'])
    expect(await found(`${query} | take 1`)).toEqual([mine.id])
    expect(await found(query, { options: { $skip: 1 } })).toEqual([theirs.id])
  })

  it('shows only the requested subscriptions and those of the requested management groups', async () => {
    expect(await found(all)).toEqual([mine.id, theirs.id])
    expect(await found(all, { subscriptions: [other.toUpperCase()] })).toEqual([theirs.id])
    expect(await found(all, { managementGroups: ['dev'] })).toEqual([theirs.id])
    expect(await found(all, { managementGroups: [state.tenantId] })).toEqual([mine.id, theirs.id])
  })

  it('leaves out silently what the caller may not read, and fails only if nothing is left', async () => {
    state.denied.add(`*/read /subscriptions/${other}`)
    expect(await found(all)).toEqual([mine.id])
    expect(await found(all, { subscriptions: [state.subscriptionId, other] })).toEqual([mine.id])
    const nothing = [400, 'BadRequest', 'NoValidSubscriptionsInQueryRequest']
    expect(refusal(await ask(all, { subscriptions: [other] }))).toEqual(nothing)
    state.denied.add(`Microsoft.ManagedIdentity/userAssignedIdentities/read ${mine.id}`)
    expect(await found(all)).toEqual([])
    state.denied.add('arm reads')
    expect(refusal(await ask(all))).toEqual(nothing)
  })

  it('can be denied as a whole', async () => {
    state.denied.add('Microsoft.ResourceGraph/resources/read')
    expect(refusal(await ask(all))).toEqual([403, 'AccessDenied', 'AccessDenied'])
    expect((await arm('GET', `${mine.id.replace(/\/resourcegroups.*/, '')}?api-version=2022-12-01`)).status).toBe(200)
  })

  it('does not show a deleted subscription', async () => {
    state.subscriptions.get(other)!.state = 'Deleted'
    expect(await found(all)).toEqual([mine.id])
  })

  it.each([
    'where type',
    'resourcecontainers',
    'resources | summarize count()',
    "resources | where nonsense == 'x'",
    "resources | where Name == 'x'",
    "resources | where name == 'it\\'s'",
    "resources | where name == 'x' or name == 'y'",
    "resources | where name contains 'x'",
    "resources | where name = 'x'",
    'resources | where name == x',
    'resources | project nonsense',
    'resources | take all',
    ''
  ])('refuses the query %j', async query => {
    expect(refusal(await ask(query))).toEqual([400, 'BadRequest', 'InvalidQuery'])
  })

  it('does not split a query at separators in a string', async () => {
    expect(await found("resources | where name == 'a | b and c' | project id")).toEqual([])
  })

  it.each([
    ['2022-01-01', {}, 'InvalidApiVersionParameter'],
    ['2022-10-01', { options: { top: 1 } }, 'BadRequest'],
    ['2022-10-01', { options: { $top: 1001 } }, 'BadRequest'],
    ['2022-10-01', { subscriptions: ['x'] }, 'BadRequest']
  ])('refuses a request of %s with %j', async (version, more, code) => {
    const { status, body } = await ask(all, more, version)
    expect([status, body.error.code]).toEqual([400, code])
  })
})
