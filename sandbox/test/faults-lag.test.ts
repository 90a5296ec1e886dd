import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { armService } from '../src/arm/service.js'
import type { LaggingKind } from '../src/faults/format.js'
import { graphService } from '../src/graph/service.js'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { armScope, askCluster, askToken } from './client.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

const lag = {
  application: 3000,
  servicePrincipal: 2000,
  federatedIdentityCredential: 1000,
  exchange: 20_000,
  managedIdentity: 4000,
  roleDefinition: 5000,
  roleAssignment: 6000,
  resourceGraph: 7000
} as const satisfies Record<LaggingKind, number>

// The clock starts with the real time, because the certificate must be valid. Then only the tests move it.
let at = Date.now()
let sandbox: Sandbox
let graph: Call
let arm: Call
let group: string
beforeAll(async () => {
  sandbox = await startSandbox({ faults: { lag, negativeCache: 60_000 }, now: () => new Date(at) })
  group = `/subscriptions/${sandbox.state.subscriptionId}/resourceGroups/azwi-sandbox`
})
beforeEach(async () => {
  graph = await createCaller(sandbox.state, graphService(sandbox.state), 'https://graph.microsoft.com')
  const throughArm = await createCaller(sandbox.state, armService(sandbox.state), 'https://management.azure.com')
  arm = (method, target, options) =>
    throughArm(method, `${target}${target.includes('?') ? '&' : '?'}api-version=${versionOf(target)}`, options)
})
afterAll(() => sandbox.close())

function versionOf(target: string): string {
  if (target.includes('Microsoft.ResourceGraph')) return '2022-10-01'
  return target.includes('Microsoft.ManagedIdentity') ? '2023-01-31' : '2022-04-01'
}

const failure = ({ status, body }: Answer) => `${status} ${body.error.code}`

/** Expects that reads give `before` until the millisecond in which the lag of the kind ends, and then `after`. */
async function expectVisibleAfterLag(
  kind: LaggingKind,
  read: () => Promise<unknown>,
  before: unknown,
  after: unknown
): Promise<void> {
  at += lag[kind] - 1
  expect(await read()).toEqual(before)
  at += 1
  expect(await read()).toEqual(after)
}

async function application(displayName: string): Promise<{ id: string; appId: string }> {
  return (await graph('POST', '/v1.0/applications', { body: { displayName } })).body
}

const credential = (name: string) => ({
  name,
  issuer: sandbox.state.cluster.issuer,
  subject: 'system:serviceaccount:default:default',
  audiences: ['api://AzureADTokenExchange']
})

/** Exchanges a service account token. Returns 200, or the number of the error. */
async function exchange(clientId: string): Promise<unknown> {
  const request = await askCluster(sandbox, '/api/v1/namespaces/default/serviceaccounts/default/token', {
    method: 'POST',
    body: { spec: { audiences: ['api://AzureADTokenExchange'] } }
  })
  const { status, json } = await askToken(sandbox, {
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: armScope,
    client_assertion: (request.json.status as { token: string }).token,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  })
  return status === 200 ? 200 : (json.error_codes as number[])[0]
}

describe('a new application', () => {
  it('is not found by reads, nor as the parent of a credential, until its lag ends', async () => {
    const { id } = await application('lagging')
    const read = async () => [
      (await graph('GET', `/v1.0/applications/${id}`)).status,
      (await graph('GET', "/v1.0/applications?$filter=displayName eq 'lagging'")).body.value.length,
      (await graph('POST', '/v1.0/directoryObjects/getByIds', { body: { ids: [id] } })).body.value.length,
      (await graph('GET', `/v1.0/applications/${id}/federatedIdentityCredentials`)).status
    ]
    const missing = await graph('POST', `/v1.0/applications/${id}/federatedIdentityCredentials`, {
      body: credential('early')
    })
    expect(failure(missing)).toBe('404 Request_ResourceNotFound')
    await expectVisibleAfterLag('application', read, [404, 0, 0, 404], [200, 1, 1, 200])
  })

  it('cannot get a service principal until its lag ends', async () => {
    const { appId } = await application('parent')
    const early = await graph('POST', '/v1.0/servicePrincipals', { body: { appId } })
    expect([failure(early), early.body.error.message]).toEqual([
      '400 Request_BadRequest',
      `The appId '${appId}' of the service principal does not reference a valid application object.`
    ])
    at += lag.application
    expect((await graph('POST', '/v1.0/servicePrincipals', { body: { appId } })).status).toBe(201)
  })

  it('is known to an upsert at once, so that a second upsert creates no second application', async () => {
    const upsert = () =>
      graph('PATCH', "/v1.0/applications(uniqueName='again')", {
        headers: { prefer: 'create-if-missing' },
        body: { displayName: 'again' }
      })
    expect([(await upsert()).status, (await upsert()).status]).toEqual([201, 204])
    expect((await graph('GET', "/v1.0/applications(uniqueName='again')")).status).toBe(404)
  })
})

describe('a new service principal', () => {
  it('is not found by reads, nor as a principal without a type, until its lag ends', async () => {
    const { appId } = await application('principal')
    at += lag.application
    const { id } = (await graph('POST', '/v1.0/servicePrincipals', { body: { appId } })).body
    expect(failure(await assign(id))).toBe('400 PrincipalNotFound')
    expect((await assign(id, { principalType: 'ServicePrincipal' })).status).toBe(201)
    const read = async () => [
      (await graph('GET', `/v1.0/servicePrincipals/${id}`)).status,
      (await graph('GET', `/v1.0/servicePrincipals?$filter=appId eq '${appId}'`)).body.value.length
    ]
    await expectVisibleAfterLag('servicePrincipal', read, [404, 0], [200, 1])
    expect((await graph('POST', '/v1.0/servicePrincipals', { body: { appId } })).status).toBe(409)
  })
})

function assign(
  principalId: string,
  more: object = {},
  role = 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
  name = sandbox.state.uuid()
): Promise<Answer> {
  const properties = {
    principalId,
    roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    ...more
  }
  return arm('PUT', `${group}/providers/Microsoft.Authorization/roleAssignments/${name}`, { body: { properties } })
}

describe('a new role assignment', () => {
  it('is not found until its lag ends, and can be written twice', async () => {
    const principal = sandbox.state.uuid()
    const name = sandbox.state.uuid()
    const type = { principalType: 'ServicePrincipal' }
    for (let time = 0; time < 2; time++) expect((await assign(principal, type, undefined, name)).status).toBe(201)
    const base = `${group}/providers/Microsoft.Authorization/roleAssignments`
    const read = async () => [
      (await arm('GET', `${base}/${name}`)).status,
      (await arm('GET', `${base}?$filter=principalId eq '${principal}'`)).body.value.length
    ]
    await expectVisibleAfterLag('roleAssignment', read, [404, 0], [200, 1])
  })
})

describe('a new role definition', () => {
  it('is not listed and cannot be assigned until its lag ends', async () => {
    const name = sandbox.state.uuid()
    const base = `${group}/providers/Microsoft.Authorization/roleDefinitions`
    const properties = { roleName: 'Mine', assignableScopes: [group], permissions: [] }
    expect((await arm('PUT', `${base}/${name}`, { body: { properties } })).status).toBe(201)
    expect(failure(await assign(sandbox.state.uuid(), { principalType: 'User' }, name))).toBe(
      '400 RoleDefinitionDoesNotExist'
    )
    const read = async () => [
      (await arm('GET', `${base}/${name}`)).status,
      (await arm('GET', `${base}?$filter=roleName eq 'mine'`)).body.value.length
    ]
    await expectVisibleAfterLag('roleDefinition', read, [404, 0], [200, 1])
    expect((await assign(sandbox.state.uuid(), { principalType: 'User' }, name)).status).toBe(201)
  })
})

describe('a new managed identity', () => {
  it('is not found and cannot get credentials until its lag ends', async () => {
    const id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/fresh`
    const created = await arm('PUT', id, { body: { location: 'westeurope' } })
    expect(created.status).toBe(201)
    expect((await arm('PUT', id, { body: { location: 'westeurope' } })).status).toBe(200)
    const { name, ...properties } = credential('first')
    const write = () => arm('PUT', `${id}/federatedIdentityCredentials/${name}`, { body: { properties } })
    expect(failure(await write())).toBe('404 ParentResourceNotFound')
    expect(failure(await assign(created.body.properties.principalId))).toBe('400 PrincipalNotFound')
    expect(await exchange(created.body.properties.clientId)).toBe(700016)
    const read = async () => (await arm('GET', id)).status
    await expectVisibleAfterLag('managedIdentity', read, 404, 200)
    expect((await write()).status).toBe(201)
    const readCredential = async () => [
      (await arm('GET', `${id}/federatedIdentityCredentials/${name}`)).status,
      (await arm('GET', `${id}/federatedIdentityCredentials`)).body.value.length
    ]
    await expectVisibleAfterLag('federatedIdentityCredential', readCredential, [404, 0], [200, 1])
  })
})

describe('Resource Graph', () => {
  it('shows a new managed identity after the lag, and a deleted one until the lag ends', async () => {
    const id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/indexed`
    const { clientId } = (await arm('PUT', id, { body: { location: 'westeurope' } })).body.properties
    const read = async () => {
      const query = `Resources | where properties.clientId == '${clientId}' | project id`
      return (await arm('POST', '/providers/Microsoft.ResourceGraph/resources', { body: { query } })).body.count
    }
    await expectVisibleAfterLag('resourceGraph', read, 0, 1)
    expect((await arm('DELETE', id)).status).toBe(200)
    await expectVisibleAfterLag('resourceGraph', read, 1, 0)
  })
})

describe('a new federated credential', () => {
  async function workload(name: string): Promise<{ appId: string; path: string }> {
    const { id, appId } = await application(name)
    at += lag.application
    await graph('POST', '/v1.0/servicePrincipals', { body: { appId } })
    at += lag.servicePrincipal
    const created = await graph('POST', `/v1.0/applications/${id}/federatedIdentityCredentials`, {
      body: credential('fresh')
    })
    expect(created.status).toBe(201)
    return { appId, path: `/v1.0/applications/${id}/federatedIdentityCredentials` }
  }

  it('is found after its own lag and accepted after that of the exchange', async () => {
    const { appId, path } = await workload('on-time')
    const read = async () => [
      (await graph('GET', `${path}/fresh`)).status,
      (await graph('GET', path)).body.value.length
    ]
    await expectVisibleAfterLag('federatedIdentityCredential', read, [404, 0], [200, 1])
    at += lag.exchange - lag.federatedIdentityCredential
    expect(await exchange(appId)).toBe(200)
  })

  it('that was used too early is refused until the negative cache expires', async () => {
    const { appId } = await workload('too-early')
    expect(await exchange(appId)).toBe(700211)
    at += 59_999
    expect(await exchange(appId)).toBe(700211)
    at += 1
    expect(await exchange(appId)).toBe(200)
  })

  it('has the lag of the exchange again after an update', async () => {
    const { appId, path } = await workload('changed')
    at += lag.exchange
    expect(await exchange(appId)).toBe(200)
    expect((await graph('PATCH', `${path}/fresh`, { body: { description: 'changed' } })).status).toBe(204)
    expect((await graph('GET', `${path}/fresh`)).status).toBe(200)
    expect(await exchange(appId)).toBe(700211)
  })
})
