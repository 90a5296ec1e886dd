import { beforeEach, describe, expect, it } from 'vitest'
import { armService } from '../src/arm/service.js'
import type { State } from '../src/state.js'
import { reusableState } from '../../test/helpers/state-reset.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

const freshState = reusableState()
let state: State
let arm: Call
let identity: string

const version = 'api-version=2024-11-30'
const properties = {
  issuer: 'https://issuer/',
  subject: 'system:serviceaccount:a:b',
  audiences: ['api://AzureADTokenExchange']
}

beforeEach(async () => {
  state = await freshState()
  arm = await createCaller(state, armService(state), 'https://management.azure.com/')
  identity = `/subscriptions/${state.subscriptionId}/resourceGroups/azwi-sandbox/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine`
})

const put = (body: object = { location: 'westeurope', tags: { a: '1' } }, target = identity): Promise<Answer> =>
  arm('PUT', `${target}?${version}`, { body })

const putCredential = (name: string, change: object = {}, target = identity): Promise<Answer> =>
  arm('PUT', `${target}/federatedIdentityCredentials/${name}?${version}`, {
    body: { properties: { ...properties, ...change } }
  })

const outcome = ({ status, body }: Answer): [number, string] => [status, body.error.code]

describe('a managed identity', () => {
  it('is created, updated and tagged, under an ID with "resourcegroups" in it', async () => {
    const made = await put()
    expect(made.status).toBe(201)
    expect(made.body.id).toContain('/resourcegroups/azwi-sandbox/')
    expect(made.headers.location).toBe(made.body.id)
    const again = await put(
      { location: 'West Europe', tags: { b: '2' } },
      identity.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')
    )
    expect([again.status, again.body.tags, again.body.name]).toEqual([200, { b: '2' }, 'mine'])
    const patched = await arm('PATCH', `${identity}?${version}`, { body: { tags: { c: '3' } } })
    expect(patched.body.tags).toEqual({ c: '3' })
    expect(state.managedIdentities.size).toBe(1)
  })

  it.each<[object, number, string]>([
    [{}, 400, 'LocationRequired'],
    [{ location: 'westeurope', tags: { a: 1 } }, 400, 'InvalidTagValueType'],
    [[], 400, 'InvalidRequestContent']
  ])('is refused with %j', async (body, status, code) => {
    expect(outcome(await put(body))).toEqual([status, code])
  })

  it('cannot change its location', async () => {
    await put()
    expect(outcome(await put({ location: 'eastus' }))).toEqual([409, 'InvalidResourceLocation'])
  })

  it('has a service principal until it is deleted', async () => {
    const { body } = await put()
    expect(state.servicePrincipals.get(body.properties.principalId)).toMatchObject({
      appId: body.properties.clientId,
      servicePrincipalType: 'ManagedIdentity'
    })
    expect((await arm('DELETE', `${identity}?${version}`)).status).toBe(200)
    expect(state.servicePrincipals.has(body.properties.principalId)).toBe(false)
    expect((await arm('DELETE', `${identity}?${version}`)).status).toBe(204)
    expect(outcome(await arm('GET', `${identity}?${version}`))).toEqual([404, 'ResourceNotFound'])
  })

  it('is listed in its group and in the subscription', async () => {
    await put()
    for (const target of [
      identity.replace(/\/[^/]+$/, ''),
      identity.replace(/\/resourceGroups\/[^/]+/, '').replace(/\/[^/]+$/, '')
    ]) {
      expect((await arm('GET', `${target}?${version}`)).body.value).toHaveLength(1)
    }
  })
})

describe('the federated credential of a managed identity', () => {
  it('needs an existing identity', async () => {
    const answer = await putCredential('abc')
    expect(outcome(answer)).toEqual([404, 'ParentResourceNotFound'])
    expect(answer.headers['x-ms-failure-cause']).toBe('gateway')
    expect(answer.body.error.message).toBe(
      "Failed to perform 'write' on resource(s) of type 'userAssignedIdentities/federatedIdentityCredentials', " +
        `because the parent resource '${identity}' could not be found.`
    )
  })

  it('that does not exist is a 404 with its whole ID in the message', async () => {
    await put()
    const answer = await arm('GET', `${identity}/federatedIdentityCredentials/abc?${version}`)
    expect(outcome(answer)).toEqual([404, 'NotFound'])
    expect(answer.body.error.message).toContain('/userAssignedIdentities/mine/federatedIdentityCredentials/abc')
    expect((await arm('DELETE', `${identity}/federatedIdentityCredentials/abc?${version}`)).status).toBe(204)
  })

  it.each<[string, object, string]>([
    ['ab', {}, 'BadRequest'],
    ['-abc', {}, 'BadRequest'],
    ['1g7d7NgSw9Q2EsSeafgx8uQKqR4q6zTrsPjDdrvN79Y=', {}, 'BadRequest'],
    ['abc', { audiences: [] }, 'InvalidFederatedIdentityCredentialsAudienceLength'],
    ['abc', { audiences: ['a', 'b'] }, 'InvalidFederatedIdentityCredentialsAudienceLength'],
    ['abc', { issuer: '' }, 'BadRequest'],
    ['abc', { subject: 'x'.repeat(601) }, 'BadRequest']
  ])('is refused: %s %j', async (name, change, code) => {
    await put()
    expect(outcome(await putCredential(name, change))).toEqual([400, code])
  })

  it('is updated by the same PUT, and its issuer and subject are unique', async () => {
    await put()
    expect((await putCredential('abc')).status).toBe(201)
    expect((await putCredential('ABC', { audiences: ['other'] })).status).toBe(200)
    expect(outcome(await putCredential('second'))).toEqual([400, 'BadRequest'])
    expect((await arm('GET', `${identity}/federatedIdentityCredentials?${version}`)).body.value).toMatchObject([
      { name: 'abc', properties: { audiences: ['other'] } }
    ])
  })

  it('is not written at the same time as another one of the same identity', async () => {
    const other = identity.replace(/mine$/, 'other')
    await put()
    await put(undefined, other)
    const answers = await Promise.all([
      putCredential('abc'),
      putCredential('second', { subject: 'second' }),
      putCredential('abc', {}, other),
      arm('DELETE', `${identity}/federatedIdentityCredentials/third?${version}`)
    ])
    const conflicts = answers.filter(answer => answer.status === 409)
    expect(conflicts).toHaveLength(2)
    expect(conflicts[0]!.body.error.code).toBe('ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity')
    expect(answers[2].status).toBe(201)
    expect((await putCredential('fourth', { subject: 'fourth' })).status).toBe(201)
  })

  it('that is flexible has an expression in the versions that know it, and a null subject in older ones', async () => {
    await put()
    const expression = { value: "claims['sub'] matches 'x*'", languageVersion: 1 }
    const { issuer, audiences } = properties
    const target = `${identity}/federatedIdentityCredentials/abc?api-version=`
    const write = (apiVersion: string, more: object = {}): Promise<Answer> =>
      arm('PUT', target + apiVersion, {
        body: { properties: { issuer, audiences, claimsMatchingExpression: expression, ...more } }
      })
    expect(outcome(await write('2024-11-30'))).toEqual([400, 'BadRequest'])
    expect(outcome(await write('2025-01-31-preview', { subject: 'x' }))).toEqual([400, 'BadRequest'])
    expect((await write('2025-01-31-preview')).status).toBe(201)
    expect((await arm('GET', `${target}2025-01-31-preview`)).body.properties).toEqual({
      issuer,
      audiences,
      claimsMatchingExpression: expression
    })
    expect((await arm('GET', `${target}2024-11-30`)).body.properties).toEqual({ issuer, audiences, subject: null })
  })

  it('is listed in pages of $top', async () => {
    await put()
    for (const name of ['abc', 'bcd', 'cde']) await putCredential(name, { subject: name })
    const first = await arm('GET', `${identity}/federatedIdentityCredentials?${version}&$top=2`)
    expect(first.body.value).toHaveLength(2)
    expect((await arm('GET', first.body.nextLink)).body.value).toMatchObject([{ name: 'cde' }])
  })
})
