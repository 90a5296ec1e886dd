import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { SandboxResponse } from '../src/server/http.js'
import { issuerDiscovery } from '../src/issuer/service.js'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
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

async function requestedToken(): Promise<string> {
  const answer = await askCluster(sandbox, '/api/v1/namespaces/default/serviceaccounts/default/token', {
    method: 'POST',
    body: { spec: { audiences: [sandbox.state.cloud.audience] } }
  })
  return (answer.json.status as { token: string }).token
}

/** Exchanges a service account token. Returns the number of the error, or undefined if it succeeds. */
async function exchangeCode(): Promise<number | undefined> {
  const { status, json } = await askToken(sandbox, {
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: armScope,
    client_assertion: await requestedToken(),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  })
  return status === 200 ? undefined : (json.error_codes as number[])[0]
}

describe('an exchange with an issuer', () => {
  it.each<[string, () => unknown, number | undefined]>([
    ['that is healthy', () => undefined, undefined],
    ['without a discovery document', () => publish(discovery, { status: 404 }), 90061],
    ['that fails', () => publish(discovery, { status: 500 }), 90061],
    [
      'whose discovery document names another issuer',
      () => publish(discovery, document({ issuer: 'https://elsewhere/' })),
      90061
    ],
    ['without a key set', () => publish(keys, { status: 404 }), 50166],
    ['whose key set is not JSON', () => publish(keys, { status: 200, body: '<html>' }), 900612],
    ['whose key set lacks the key', () => publish(keys, { status: 200, body: { keys: [] } }), 7000272],
    [
      'whose discovery document names another address of the keys',
      () => {
        publish(discovery, document({ jwks_uri: `${sandbox.state.cluster.issuer}keys.json` }))
        publish('keys.json', { status: 200, body: { keys: sandbox.state.cluster.publishedKeys } })
      },
      undefined
    ],
    [
      'whose discovery document names an address without keys',
      () => publish(discovery, document({ jwks_uri: `${sandbox.state.cluster.issuer}keys.json` })),
      50166
    ]
  ])('%s', async (_issuer, change, code) => {
    change()
    expect(await exchangeCode()).toBe(code)
  })

  it('of a cluster that signs with ES256 is AADSTS5002738', async () => {
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
    await expect(jwtVerify(await requestedToken(), createLocalJWKSet(published))).resolves.toMatchObject({
      protectedHeader: { alg: 'ES256' }
    })
    expect(await exchangeCode()).toBe(5002738)
  })
})

describe('a blob that is uploaded to the issuer', () => {
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

  it('is published, and fixes an issuer', async () => {
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
    ['if it must not exist', { headers: { 'if-none-match': '*' } }, 409, 'BlobAlreadyExists']
  ])('is refused %s', async (_request, question, status, code) => {
    expect(await put(keys, { body: '{}', ...question })).toMatchObject({
      status,
      headers: { 'x-ms-error-code': code },
      text: expect.stringContaining(`<Code>${code}</Code>`) as string
    })
    expect(sandbox.state.published.size).toBe(0)
  })

  it('is refused with a token for another service, or without a token', async () => {
    expect(await put(keys, { body: '{}' }, armScope)).toMatchObject({ status: 401 })
    expect(await ask(sandbox, `${sandbox.state.cluster.issuer}${keys}`, { method: 'PUT', body: '{}' })).toMatchObject({
      status: 401,
      headers: { 'x-ms-error-code': 'NoAuthenticationInformation' }
    })
  })
})
