import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { SandboxResponse } from '../src/server/http.js'
import { issuerDiscovery } from '../src/issuer/service.js'
import { type Sandbox, startSandbox } from '../src/index.js'
import { createSigningKey } from '../src/signing-key.js'
import { armScope, ask, askCluster, askToken, operatorForm, type Question } from './client.js'
import { addApplication, trust } from './directory-fixtures.js'

let sandbox: Sandbox
let clientId: string
beforeAll(async () => {
  sandbox = await startSandbox()
  const application = addApplication(sandbox)
  application.federatedIdentityCredentials.push(trust(sandbox))
  clientId = application.appId
})
afterAll(() => sandbox.close())
beforeEach(() => {
  sandbox.state.published.clear()
})

const discovery = '.well-known/openid-configuration'
const keys = 'openid/v1/jwks'
const publish = (path: string, answer: SandboxResponse) => sandbox.state.published.set(path, answer)
const document = (changes: object): SandboxResponse => ({
  status: 200,
  body: { ...issuerDiscovery(sandbox.state), ...changes }
})
const read = (path: string) => ask(sandbox, `${sandbox.state.cluster.issuer}${path}`)

async function mintedToken(): Promise<string> {
  const answer = await askCluster(sandbox, '/api/v1/namespaces/default/serviceaccounts/default/token', {
    method: 'POST',
    body: { spec: { audiences: [sandbox.state.cloud.audience] } }
  })
  return (answer.json.status as { token: string }).token
}

/** The AADSTS number of an exchange; none where it succeeds. */
async function exchangeCode(): Promise<number | undefined> {
  const { status, json } = await askToken(sandbox, {
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: armScope,
    client_assertion: await mintedToken(),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  })
  return status === 200 ? undefined : (json.error_codes as number[])[0]
}

describe('an issuer', () => {
  it.each<[string, () => unknown, number | undefined]>([
    ['is whole', () => undefined, undefined],
    ['has no discovery document', () => publish(discovery, { status: 404 }), 90061],
    ['fails', () => publish(discovery, { status: 500 }), 90061],
    ['says that it is another', () => publish(discovery, document({ issuer: 'https://elsewhere/' })), 90061],
    ['has no key set', () => publish(keys, { status: 404 }), 50166],
    ['has a key set that is none', () => publish(keys, { status: 200, body: '<html>' }), 900612],
    ['lacks the key', () => publish(keys, { status: 200, body: { keys: [] } }), 7000272],
    [
      'leads elsewhere, where the keys are',
      () => {
        publish(discovery, document({ jwks_uri: `${sandbox.state.cluster.issuer}keys.json` }))
        publish('keys.json', { status: 200, body: { keys: sandbox.state.cluster.publishedKeys } })
      },
      undefined
    ],
    [
      'leads elsewhere, where nothing is',
      () => publish(discovery, document({ jwks_uri: `${sandbox.state.cluster.issuer}keys.json` })),
      50166
    ]
  ])('%s', async (_what, breaks, code) => {
    breaks()
    expect(await exchangeCode()).toBe(code)
  })

  it('of a cluster that signs with ES256 is not taken by Entra', async () => {
    const { cluster } = sandbox.state
    const key = await createSigningKey('ES256')
    cluster.signingKeys.unshift(key)
    cluster.publishedKeys.unshift(key.jwk)
    onTestFinished(() => {
      cluster.signingKeys.shift()
      cluster.publishedKeys.shift()
    })
    expect((await read(discovery)).json).toMatchObject({ id_token_signing_alg_values_supported: ['ES256', 'RS256'] })
    const published = (await read(keys)).json as unknown as JSONWebKeySet
    expect(published.keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', kid: key.kid })
    await expect(jwtVerify(await mintedToken(), createLocalJWKSet(published))).resolves.toMatchObject({
      protectedHeader: { alg: 'ES256' }
    })
    expect(await exchangeCode()).toBe(5002738)
  })
})

describe('what is uploaded to it', () => {
  async function put(path: string, question: Question, scope = 'https://storage.azure.com/.default') {
    const { json } = await askToken(sandbox, { ...operatorForm(sandbox), scope })
    return ask(sandbox, `${sandbox.state.cluster.issuer}${path}`, {
      method: 'PUT',
      ...question,
      headers: {
        authorization: `Bearer ${json.access_token as string}`,
        'x-ms-version': '2025-01-05',
        'x-ms-blob-type': 'BlockBlob',
        ...question.headers
      }
    })
  }

  it('is published, and heals an issuer', async () => {
    publish(keys, { status: 200, body: { keys: [] } })
    expect(await exchangeCode()).toBe(7000272)
    const body = { keys: sandbox.state.cluster.publishedKeys }
    const answer = await put(keys, { body, headers: { 'x-ms-blob-content-type': 'application/json' } })
    expect(answer).toMatchObject({
      status: 201,
      text: '',
      headers: { 'x-ms-version': '2025-01-05', etag: expect.stringMatching(/^"0x/) as string }
    })
    expect(await read(keys)).toMatchObject({ status: 200, json: body, headers: { 'content-type': 'application/json' } })
    expect(await exchangeCode()).toBeUndefined()
  })

  it.each<[string, Question, number, string]>([
    ['without a token', { headers: { authorization: '' } }, 401, 'InvalidAuthenticationInfo'],
    ['without a version', { headers: { 'x-ms-version': '' } }, 400, 'InvalidHeaderValue'],
    ['of another type', { headers: { 'x-ms-blob-type': 'PageBlob' } }, 400, 'InvalidHeaderValue'],
    ['that must be new', { headers: { 'if-none-match': '*' } }, 409, 'BlobAlreadyExists']
  ])('%s is refused', async (_what, question, status, code) => {
    expect(await put(keys, { body: '{}', ...question })).toMatchObject({
      status,
      headers: { 'x-ms-error-code': code },
      text: expect.stringContaining(`<Code>${code}</Code>`) as string
    })
    expect(sandbox.state.published.size).toBe(0)
  })

  it('with a token for something else, or none, is refused', async () => {
    expect(await put(keys, { body: '{}' }, armScope)).toMatchObject({ status: 401 })
    expect(await ask(sandbox, `${sandbox.state.cluster.issuer}${keys}`, { method: 'PUT', body: '{}' })).toMatchObject({
      status: 401,
      headers: { 'x-ms-error-code': 'NoAuthenticationInformation' }
    })
  })
})
