import { beforeEach, describe, expect, it } from 'vitest'
import { graphService } from '../src/graph/service.js'
import type { State } from '../src/state.js'
import { reusableState } from '../../test/helpers/state-reset.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

const freshState = reusableState()
let state: State
let graph: Call
let target: string

const credential = {
  name: 'kubernetes',
  issuer: 'https://issuer/',
  subject: 'system:serviceaccount:a:b',
  audiences: ['api://AzureADTokenExchange']
}

beforeEach(async () => {
  state = await freshState()
  graph = await createCaller(state, graphService(state), 'https://graph.microsoft.com')
  const { body } = await graph('POST', '/v1.0/applications', { body: { displayName: 'x', uniqueName: 'u' } })
  target = `/v1.0/applications/${body.id}/federatedIdentityCredentials`
})

const add = (change: object = {}): Promise<Answer> => graph('POST', target, { body: { ...credential, ...change } })

describe('a federated credential', () => {
  it('is filtered by one property, in the same letter case', async () => {
    await add()
    const find = async (filter: string): Promise<Answer> =>
      graph('GET', `${target}?$filter=${encodeURIComponent(filter)}`)
    expect((await find("subject eq 'system:serviceaccount:a:b'")).body.value).toHaveLength(1)
    expect((await find("issuer eq 'https://ISSUER/'")).body.value).toHaveLength(0)
    expect((await find("issuer eq 'https://issuer/' and subject eq 'system:serviceaccount:a:b'")).status).toBe(400)
  })

  it('can have a name that ends in "=", as in the Go azwi', async () => {
    const name = '1g7d7NgSw9Q2EsSeafgx8uQKqR4q6zTrsPjDdrvN79Y='
    expect((await add({ name })).status).toBe(201)
    expect((await graph('GET', `${target}/${encodeURIComponent(name)}`)).body.name).toBe(name)
  })

  it.each([
    [{ audiences: [] }, 400, 'InvalidFederatedIdentityCredentialsAudienceLength'],
    [{ audiences: ['a', 'b'] }, 400, 'InvalidFederatedIdentityCredentialsAudienceLength'],
    [{ name: 'ab' }, 400, 'InvalidFederatedIdentityCredentialValue'],
    [{ name: 'x'.repeat(121) }, 400, 'InvalidFederatedIdentityCredentialValue'],
    [{ name: 'not/friendly' }, 400, 'InvalidFederatedIdentityCredentialValue'],
    [{ subject: 'x'.repeat(601) }, 400, 'InvalidFederatedIdentityCredentialValue'],
    [{ description: 'x'.repeat(601) }, 400, 'InvalidFederatedIdentityCredentialValue'],
    [{ issuer: '' }, 400, 'Request_BadRequest'],
    [{ audience: 'x' }, 400, 'Request_BadRequest']
  ])('is refused with %j', async (change, status, code) => {
    const answer = await add(change)
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
  })

  const expression = { value: "claims['sub'] matches 'repo:org/repo:*'", languageVersion: 1 }
  const beta = (): string => target.replace('/v1.0/', '/beta/')
  const flexible = (change: object = {}): Promise<Answer> =>
    graph('POST', beta(), {
      body: { ...credential, name: 'flexible', subject: null, claimsMatchingExpression: expression, ...change }
    })

  it('that is flexible has an expression and no subject in beta', async () => {
    await add()
    expect((await flexible()).status).toBe(201)
    expect((await flexible({ name: 'second' })).status).toBe(201)
    const { value } = (await graph('GET', beta())).body
    const shown = Object.fromEntries(
      value.map(({ name, subject, claimsMatchingExpression }) => [name, [subject, claimsMatchingExpression]])
    )
    expect(shown).toEqual({
      kubernetes: [credential.subject, null],
      flexible: [null, expression],
      second: [null, expression]
    })
    expect((await graph('GET', `${beta()}/flexible`)).body.subject).toBeNull()
    expect((await graph('DELETE', `${target}/flexible`)).status).toBe(204)
  })

  it('that is flexible breaks off the JSON of every response of v1.0', async () => {
    await add()
    await flexible()
    for (const path of [target, `${target}/flexible`, `${target}?$select=id,name`]) {
      const { status, body } = await graph('GET', path)
      const text = body as unknown
      if (status !== 200 || typeof text !== 'string') throw new Error(`unexpected: ${status} ${typeof text}`)
      expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError)
      expect(text).toContain("The property 'subject[Nullable=False]' of type 'Edm.String' has a null value")
    }
    expect((await graph('GET', `${target}/kubernetes`)).body.subject).toBe(credential.subject)
  })

  it.each([
    [{ subject: 'x' }],
    [{ claimsMatchingExpression: { value: '', languageVersion: 1 } }],
    [{ claimsMatchingExpression: { value: 'x', languageVersion: 2 } }],
    [{ claimsMatchingExpression: 'x' }],
    [{ claimsMatchingExpression: null }]
  ])('that is flexible is refused with %j', async change => {
    expect((await flexible(change)).status).toBe(400)
  })

  it('cannot be flexible in v1.0', async () => {
    const { status, body } = await add({ subject: null, claimsMatchingExpression: expression })
    expect([status, body.error.message]).toEqual([400, "Invalid property 'claimsMatchingExpression'."])
  })

  it('can have any issuer and audience', async () => {
    expect((await add({ issuer: 'nonsense', audiences: ['nonsense'] })).status).toBe(201)
  })

  it('is created and updated by an upsert on its name', async () => {
    const write = (prefer: string, body: object): Promise<Answer> =>
      graph('PATCH', "/v1.0/applications(uniqueName='u')/federatedIdentityCredentials(name='kubernetes')", {
        body,
        headers: { prefer }
      })
    const body: Partial<typeof credential> = { ...credential }
    delete body.name
    expect((await write('', body)).status).toBe(404)
    expect((await write('create-if-missing', body)).status).toBe(201)
    expect((await write('create-if-missing', { subject: 'other' })).status).toBe(204)
    expect((await graph('GET', target)).body.value).toMatchObject([{ name: 'kubernetes', subject: 'other' }])
  })

  it('cannot get the issuer and subject of another one, nor another name', async () => {
    await add()
    await add({ name: 'second', subject: 'second' })
    const clash = await graph('PATCH', `${target}/second`, { body: { subject: credential.subject } })
    expect([clash.status, clash.body.error.code]).toEqual([400, 'InvalidFederatedIdentityCredentialValue'])
    expect((await graph('PATCH', `${target}/second`, { body: { name: 'third' } })).status).toBe(400)
    expect((await graph('GET', `${target}/second`)).body.subject).toBe('second')
  })
})

describe('a service principal', () => {
  it('belongs to one application and always has its name', async () => {
    const [application] = state.applications.values()
    const appId = application!.appId
    const created = await graph('POST', '/v1.0/servicePrincipals', {
      body: { appId, accountEnabled: true, tags: ['azwi version: v1'] }
    })
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({
      displayName: 'x',
      appDisplayName: 'x',
      tags: ['azwi version: v1'],
      servicePrincipalNames: [appId]
    })
    const second = await graph('POST', '/v1.0/servicePrincipals', { body: { appId } })
    expect([second.status, second.body.error.code]).toEqual([409, 'Request_MultipleObjectsWithSameKeyValue'])
    await graph('PATCH', `/v1.0/applications/${application!.id}`, { body: { displayName: 'renamed' } })
    expect((await graph('GET', `/v1.0/servicePrincipals?$filter=displayName eq 'renamed'`)).body.value).toHaveLength(1)
  })

  it('needs an existing application', async () => {
    const answer = await graph('POST', '/v1.0/servicePrincipals', {
      body: { appId: '11111111-1111-1111-1111-111111111111' }
    })
    expect([answer.status, answer.body.error.code]).toEqual([400, 'Request_BadRequest'])
    expect(answer.body.error.message).toContain('does not reference a valid application object')
  })
})

describe('a password', () => {
  it('is shown once and is accepted at the token endpoint until it is removed', async () => {
    const [application] = state.applications.values()
    const { body } = await graph('POST', `/v1.0/applications/${application!.id}/addPassword`, { body: {} })
    expect(state.clientCredentials.secrets.get(application!.appId)).toEqual([body.secretText])
    const shown = await graph('GET', `/v1.0/applications/${application!.id}`)
    expect(shown.body.passwordCredentials).toMatchObject([{ keyId: body.keyId, secretText: null }])
    expect(
      (await graph('POST', `/v1.0/applications/${application!.id}/removePassword`, { body: { keyId: body.keyId } }))
        .status
    ).toBe(204)
    expect(state.clientCredentials.secrets.get(application!.appId)).toEqual([])
  })
})

describe('a batch', () => {
  it('answers each request, with 424 if it depends on a failed one', async () => {
    const { status, body } = await graph('POST', '/v1.0/$batch', {
      body: {
        requests: [
          { id: '1', method: 'GET', url: '/applications?$select=displayName' },
          { id: '2', method: 'GET', url: '/applications/11111111-1111-1111-1111-111111111111' },
          {
            id: '3',
            method: 'POST',
            url: '/applications',
            headers: { 'Content-Type': 'application/json' },
            body: { displayName: 'y' },
            dependsOn: ['2']
          }
        ]
      }
    })
    expect(status).toBe(200)
    expect(body.responses.map(response => response.status)).toEqual([200, 404, 424])
    expect(body.responses[0]!.body).toMatchObject({ value: [{ displayName: 'x' }] })
    expect(state.applications.size).toBe(1)
  })

  it('accepts at most twenty requests, and needs a token', async () => {
    const requests = Array.from({ length: 21 }, (_value, index) => ({
      id: String(index),
      method: 'GET',
      url: '/organization'
    }))
    expect((await graph('POST', '/v1.0/$batch', { body: { requests } })).status).toBe(400)
    const { body } = await graph('POST', '/v1.0/$batch', {
      body: { requests: requests.slice(0, 1) },
      authorization: undefined
    })
    expect(body.responses[0]?.status).toBe(401)
  })
})
