import { createHash, createPublicKey } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { ask, askCluster } from './client.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

const path = '/api/v1/namespaces/default/serviceaccounts/default/token'
const requestToken = (spec: object = {}, target = path) =>
  askCluster(sandbox, target, {
    method: 'POST',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
  })

describe('a token request', () => {
  it('returns a token that the published keys of the issuer verify', async () => {
    const { cluster } = sandbox.state
    const answer = await requestToken({ audiences: ['api://AzureADTokenExchange'], expirationSeconds: 600 })
    expect(answer).toMatchObject({
      status: 201,
      json: { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1' }
    })
    const { token, expirationTimestamp } = answer.json.status as { token: string; expirationTimestamp: string }
    const document = (await ask(sandbox, `${cluster.issuer}.well-known/openid-configuration`)).json as {
      issuer: string
      jwks_uri: string
    }
    expect(document.issuer).toBe(cluster.issuer)
    const keys = (await ask(sandbox, document.jwks_uri)).json as unknown as JSONWebKeySet
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: cluster.issuer,
      audience: 'api://AzureADTokenExchange'
    })
    expect(payload).toMatchObject({
      sub: 'system:serviceaccount:default:default',
      aud: ['api://AzureADTokenExchange'],
      'kubernetes.io': {
        namespace: 'default',
        serviceaccount: { name: 'default', uid: cluster.serviceAccounts.get('default/default')?.metadata.uid }
      }
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600)
    expect(Date.parse(expirationTimestamp)).toBe((payload.exp ?? 0) * 1000)
  })

  it('returns by default a token for the API server, valid for an hour', async () => {
    const claims = decodeJwt(((await requestToken()).json.status as { token: string }).token)
    expect(claims.aud).toEqual([sandbox.state.cluster.issuer])
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3600)
  })

  it.each([
    [599, 422],
    [1.5, 400],
    [2 ** 33, 422]
  ])('for %d seconds is a %i', async (expirationSeconds, status) => {
    expect(await requestToken({ expirationSeconds })).toMatchObject({ status, json: { kind: 'Status' } })
  })

  it('is refused for a missing service account or pod, and with an invalid body', async () => {
    expect(await requestToken({}, path.replace('default/token', 'nobody/token'))).toMatchObject({ status: 404 })
    expect(await requestToken({ audiences: 'x' })).toMatchObject({ status: 400 })
    expect(await askCluster(sandbox, path, { method: 'POST', body: { kind: 'Pod' } })).toMatchObject({ status: 400 })
    expect(await requestToken({ boundObjectRef: { kind: 'Pod', name: 'p' } })).toMatchObject({
      status: 404,
      json: { message: 'pods "p" not found' }
    })
  })
})

const askKeys = (accept = 'application/jwk-set+json') => askCluster(sandbox, '/openid/v1/jwks', { headers: { accept } })

describe('the key set of the API server', () => {
  it.each(['application/jwk-set+json', 'application/json, application/jwk-set+json', '*/*', ''])(
    'is served to a client that accepts "%s"',
    async accept => {
      const answer = await askKeys(accept)
      expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/jwk-set+json' } })
      expect(answer.json.keys).toHaveLength(1)
    }
  )

  it('is not served as plain JSON', async () => {
    expect(await askKeys('application/json')).toMatchObject({
      status: 406,
      json: {
        kind: 'Status',
        reason: 'NotAcceptable',
        message: '406: Not Acceptable\n\nAvailable representations: application/jwk-set+json'
      }
    })
  })
})

describe('the issuer of the cluster', () => {
  it('has the same discovery document at the API server and at its public address', async () => {
    const { cluster } = sandbox.state
    const fromServer = await askCluster(sandbox, '/.well-known/openid-configuration')
    const fromIssuer = await ask(sandbox, `${cluster.issuer}.well-known/openid-configuration`)
    expect(fromServer.text).toBe(fromIssuer.text)
    expect(cluster.issuer).toMatch(/^https:\/\/localhost:\d+\/[0-9a-f-]{36}\/[0-9a-f-]{36}\/$/)
  })

  it('has the key IDs of Kubernetes', async () => {
    const { keys } = (await askKeys()).json as {
      keys: { kid: string; kty: string; n: string; e: string }[]
    }
    for (const { kid, ...jwk } of keys) {
      const der = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' })
      expect(kid).toBe(createHash('sha256').update(der).digest('base64url'))
    }
  })

  it('answers no other path, and no other cluster', async () => {
    const { endpoints, cluster } = sandbox.state
    expect(await ask(sandbox, `${endpoints.issuer}/.well-known/openid-configuration`)).toMatchObject({ status: 404 })
    expect(await ask(sandbox, `${cluster.issuer}keys`)).toMatchObject({ status: 404, json: { code: 'NotFound' } })
  })

  it('can publish other keys than the API server', async () => {
    const { cluster } = sandbox.state
    const published = cluster.publishedKeys.splice(0)
    onTestFinished(() => {
      cluster.publishedKeys.push(...published)
    })
    expect((await ask(sandbox, `${cluster.issuer}openid/v1/jwks`)).json).toEqual({ keys: [] })
    expect((await askKeys()).json.keys).toHaveLength(1)
  })
})
