import { describe, expect, it } from 'vitest'
import { AuthorizationClient } from '../../src/clients/arm/authorization.js'
import { builtInCloud } from '../../src/config/clouds.js'
import { fakeCredential, fakeTransport } from '../helpers/fake-transport.js'

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001'
const scope = `${subscription}/resourceGroups/shop`
const roleDefinitionId = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/reader`
const principals = ['ann', 'bob', 'carol', 'dave', 'erin']
const assignmentOf = (principalId: string) => ({
  id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${principalId}`,
  name: principalId,
  properties: { scope, roleDefinitionId, principalId }
})

/** Returns a client of a service that answers like Azure: with all assignments, or with those of the principal in the filter. */
function armWithAssignments(ids: readonly string[]) {
  const transport = fakeTransport(({ url }) => {
    const principal = /principalId eq '(.+)'/.exec(new URL(url).searchParams.get('$filter') ?? '')?.[1]
    return { body: { value: ids.filter(id => principal === undefined || id === principal).map(assignmentOf) } }
  })
  const client = new AuthorizationClient(
    subscription.split('/')[2] ?? '',
    builtInCloud('AzurePublicCloud'),
    fakeCredential,
    transport,
    { remaining: () => 60_000, wait: () => Promise.reject(new Error('no retry expected')) }
  )
  return { client, transport }
}
const principalsOf = async (client: AuthorizationClient, ids: readonly string[]) =>
  (await Promise.all(ids.map(id => client.assignmentsOf(id, scope)))).map(found =>
    found.map(({ principalId }) => principalId)
  )

describe('the role assignments of a principal', () => {
  it('do not include those of others if one list of the subscription answers for many principals', async () => {
    const { client, transport } = armWithAssignments(principals)
    expect(await principalsOf(client, principals)).toEqual(principals.map(id => [id]))
    expect(transport.requests.map(({ url }) => new URL(url).pathname)).toEqual([
      `${subscription}/providers/Microsoft.Authorization/roleAssignments`
    ])
  })

  it('are found in a list that writes the principal in another letter case', async () => {
    const { client } = armWithAssignments(principals.map(id => id.toUpperCase()))
    expect(await principalsOf(client, principals)).toEqual(principals.map(id => [id.toUpperCase()]))
  })

  it('are requested with a filter if there are only a few principals', async () => {
    const { client, transport } = armWithAssignments(principals)
    const few = principals.slice(0, 3)
    expect(await principalsOf(client, few)).toEqual(few.map(id => [id]))
    expect(transport.requests.map(({ url }) => new URL(url).searchParams.get('$filter'))).toEqual(
      few.map(id => `principalId eq '${id}'`)
    )
  })
})
