import { beforeEach, describe, expect, it } from 'vitest'
import { createManagedIdentity } from '../src/arm/managed-identity-write.js'
import type { Application } from '../src/graph/directory.js'
import { graphService } from '../src/graph/service.js'
import type { State } from '../src/state.js'
import { reusableState } from '../../test/helpers/state-reset.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

const person = { id: '33333333-0000-0000-0000-000000000000', displayName: 'Ada', userPrincipalName: 'ada@example.com' }
const freshState = reusableState()
let state: State
let graph: Call

beforeEach(async () => {
  state = await freshState()
  graph = await createCaller(state, graphService(state), 'https://graph.microsoft.com')
})

async function create(displayName: string): Promise<Application> {
  const { body } = await graph('POST', '/v1.0/applications', { body: { displayName, uniqueName: displayName } })
  return state.applications.get(body.id)!
}

/** Creates an application with a service principal and a credential, which somebody else owns. */
async function createUnowned(): Promise<{ application: Application; principal: string }> {
  const application = await create('theirs')
  const { body } = await graph('POST', '/v1.0/servicePrincipals', { body: { appId: application.appId } })
  application.federatedIdentityCredentials.push(credential)
  for (const id of [application.id, body.id]) state.owners.set(id, [person])
  return { application, principal: body.id }
}

const credential = {
  id: '44444444-0000-0000-0000-000000000000',
  name: 'abc',
  issuer: 'https://issuer/',
  subject: 'x',
  audiences: ['api://AzureADTokenExchange'],
  description: null
}
const newCredential = { name: 'new', issuer: 'https://issuer/', subject: 'y', audiences: ['a'] }
const denied = [403, 'Authorization_RequestDenied']
const outcome = ({ status, body }: Answer): unknown[] => [status, body.error.code]

describe('a caller that may write only what it owns', () => {
  it('owns what it creates, and may do everything with it', async () => {
    state.denied.add('graph unowned')
    const { id, appId } = await create('mine')
    const principal = (await graph('POST', '/v1.0/servicePrincipals', { body: { appId } })).body
    const path = `/v1.0/applications/${id}`
    const statuses = []
    for (const [method, target, body] of [
      ['PATCH', path, { notes: 'x' }],
      ['POST', `${path}/federatedIdentityCredentials`, newCredential],
      ['DELETE', `${path}/federatedIdentityCredentials/new`, undefined],
      ['POST', `${path}/addPassword`, {}],
      ['PATCH', `/v1.0/servicePrincipals/${principal.id}`, { notes: 'x' }],
      ['DELETE', path, undefined],
      ['DELETE', `/v1.0/directory/deletedItems/${id}`, undefined]
    ] as const)
      statuses.push((await graph(method, target, body === undefined ? {} : { body })).status)
    expect(statuses).toEqual([204, 201, 204, 200, 204, 204, 204])
  })

  it('may read what others own, but not write it', async () => {
    const { application, principal } = await createUnowned()
    state.denied.add('graph unowned')
    const path = `/v1.0/applications/${application.id}`
    for (const target of [path, `${path}/owners`, `${path}/federatedIdentityCredentials`, '/v1.0/applications'])
      expect((await graph('GET', target)).status).toBe(200)
    const before = structuredClone([state.applications, state.servicePrincipals])
    for (const [method, target, body] of [
      ['PATCH', path, { notes: 'x' }],
      ['PATCH', "/v1.0/applications(uniqueName='theirs')", { notes: 'x' }],
      ['POST', `${path}/federatedIdentityCredentials`, newCredential],
      ['PATCH', `${path}/federatedIdentityCredentials/abc`, { description: 'x' }],
      ['DELETE', `${path}/federatedIdentityCredentials/abc`, undefined],
      ['POST', `${path}/addPassword`, {}],
      ['PATCH', `/v1.0/servicePrincipals/${principal}`, { notes: 'x' }],
      ['DELETE', `/v1.0/servicePrincipals/${principal}`, undefined],
      ['DELETE', path, undefined]
    ] as const) {
      const answer = await graph(method, target, {
        headers: { prefer: 'create-if-missing' },
        ...(body === undefined ? {} : { body })
      })
      expect(outcome(answer), `${method} ${target}`).toEqual(denied)
    }
    expect([state.applications, state.servicePrincipals]).toEqual(before)
  })

  it('may neither create the service principal of an application of others nor purge one', async () => {
    const { id, appId } = await create('theirs')
    state.owners.set(id, [person])
    await graph('DELETE', `/v1.0/applications/${id}`)
    state.denied.add('graph unowned')
    expect(outcome(await graph('DELETE', `/v1.0/directory/deletedItems/${id}`))).toEqual(denied)
    expect(outcome(await graph('POST', `/v1.0/directory/deletedItems/${id}/restore`))).toEqual(denied)
    state.denied.clear()
    await graph('POST', `/v1.0/directory/deletedItems/${id}/restore`)
    state.denied.add('graph unowned')
    expect(outcome(await graph('POST', '/v1.0/servicePrincipals', { body: { appId } }))).toEqual(denied)
  })
})

describe('the owners of an application', () => {
  it('are listed with the selected properties and their type, in pages', async () => {
    const { id } = await create('shared')
    state.owners.get(id)!.push(person)
    const owners = `/v1.0/applications/${id}/owners`
    const all = (await graph('GET', `${owners}?$select=id,displayName`)).body.value
    expect(all).toHaveLength(2)
    expect(all).toContainEqual({ '@odata.type': '#microsoft.graph.user', id: person.id, displayName: 'Ada' })
    expect(all).toContainEqual({
      '@odata.type': '#microsoft.graph.servicePrincipal',
      id: state.operator.objectId,
      displayName: 'azwi sandbox operator'
    })
    const first = (await graph('GET', `${owners}?$top=1`)).body
    const second = (await graph('GET', first['@odata.nextLink']!)).body
    expect([...first.value, ...second.value].map(owner => owner.id).sort()).toEqual(all.map(owner => owner.id).sort())
  })

  it('are only IDs for a caller who may not read users', async () => {
    const { id } = await create('shared')
    state.owners.get(id)!.push(person)
    state.denied.add('graph users')
    const { value } = (await graph('GET', `/v1.0/applications/${id}/owners`)).body
    expect(value).toContainEqual({
      '@odata.type': '#microsoft.graph.user',
      id: person.id,
      displayName: null,
      userPrincipalName: null
    })
    expect(value).toContainEqual(expect.objectContaining({ displayName: 'azwi sandbox operator' }))
  })

  it('can be denied alone', async () => {
    const { id } = await create('shared')
    state.denied.add('graph owners')
    expect(outcome(await graph('GET', `/v1.0/applications/${id}/owners`))).toEqual(denied)
    expect((await graph('GET', `/v1.0/applications/${id}`)).status).toBe(200)
  })

  it.each(["$filter=displayName eq 'x'", '$select=nonsense', '$expand=x'])('cannot be listed with %s', async option => {
    const { id } = await create('shared')
    expect((await graph('GET', `/v1.0/applications/${id}/owners?${option}`)).status).toBe(400)
  })
})

describe('the directory', () => {
  it('shows the resource of a managed identity in the alternative names of its service principal', async () => {
    const id = `/subscriptions/${state.subscriptionId}/resourcegroups/azwi-sandbox/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine`
    const { clientId } = createManagedIdentity(state, id, 'westeurope', {})
    const { body } = await graph('GET', `/v1.0/servicePrincipals(appId='${clientId.toUpperCase()}')`)
    expect(body).toMatchObject({ servicePrincipalType: 'ManagedIdentity', alternativeNames: ['isExplicit=True', id] })
    const filter = encodeURIComponent(`alternativeNames/any(name:name eq '${id}')`)
    expect((await graph('GET', `/v1.0/servicePrincipals?$filter=${filter}`)).body.value).toHaveLength(1)
  })

  it('shows the secrets, certificates and URIs that people add, without the secrets themselves', async () => {
    const { id } = await create('used')
    const path = `/v1.0/applications/${id}`
    const added = {
      identifierUris: ['api://used'],
      web: { redirectUris: ['https://used.example/web'] },
      spa: { redirectUris: ['https://used.example/spa'] },
      publicClient: { redirectUris: ['http://localhost'] },
      keyCredentials: [{ type: 'AsymmetricX509Cert', usage: 'Verify', displayName: 'CN=used', key: 'c2VjcmV0' }]
    }
    expect((await graph('PATCH', path, { body: added })).status).toBe(204)
    const { secretText } = (await graph('POST', `${path}/addPassword`, { body: {} })).body
    const select = 'id,appId,passwordCredentials,keyCredentials,identifierUris,web,spa,publicClient'
    const { body } = await graph('GET', `${path}?$select=${select}`)
    expect(body).toMatchObject({
      identifierUris: added.identifierUris,
      web: added.web,
      spa: added.spa,
      publicClient: added.publicClient,
      keyCredentials: [{ usage: 'Verify' }],
      passwordCredentials: [{ secretText: null }]
    })
    expect(JSON.stringify(body)).not.toContain(secretText)
  })
})
