import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import type { Application } from '../src/graph/directory.js'
import { addManagedIdentity } from '../../test/helpers/managed-identity.js'
import { type Answer, armScope, askCluster, askToken } from './client.js'
import { addApplication, trust } from './directory-fixtures.js'
import { preparedKey } from '../../test/helpers/keys.js'

let sandbox: Sandbox
let application: Application
beforeAll(async () => {
  const startedAt = new Date()
  sandbox = await startSandbox({ now: () => startedAt })
})
afterAll(() => sandbox.close())
beforeEach(() => {
  application = addApplication(sandbox)
  application.federatedIdentityCredentials.push(trust(sandbox))
})

function exchange(assertion: string, clientId = application.appId): Promise<Answer> {
  return askToken(sandbox, {
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: armScope,
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  })
}

/** Requests a service account token from the cluster. */
async function requestedToken(
  audience = sandbox.state.cloud.audience,
  account = 'default/serviceaccounts/default'
): Promise<string> {
  const answer = await askCluster(sandbox, `/api/v1/namespaces/${account}/token`, {
    method: 'POST',
    body: { spec: { audiences: [audience] } }
  })
  return (answer.json.status as { token: string }).token
}

/** Returns the time of the sandbox, which does not advance. */
function nowInSeconds(): number {
  return Math.floor(sandbox.state.now().getTime() / 1000)
}

/** Returns a token with any claims, by default signed with the cluster's key. */
function signed(claims: JWTPayload, header: { alg?: string; kid?: string; key?: KeyObject } = {}): Promise<string> {
  const [clusterKey] = sandbox.state.cluster.signingKeys
  const { alg = 'RS256', kid = clusterKey!.kid, key = clusterKey!.privateKey } = header
  const now = nowInSeconds()
  const usual = {
    iss: sandbox.state.cluster.issuer,
    sub: 'system:serviceaccount:default:default',
    aud: [sandbox.state.cloud.audience],
    iat: now,
    nbf: now,
    exp: now + 600
  }
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg, ...(kid === '' ? {} : { kid }) }).sign(key)
}

async function errorOf(
  answer: Promise<Answer>
): Promise<{ status: number; error: unknown; code: unknown; text: string }> {
  const { status, json } = await answer
  return {
    status,
    error: json.error,
    code: (json.error_codes as number[] | undefined)?.[0],
    text: json.error_description as string
  }
}

describe('the exchange of a service account token', () => {
  it('returns an access token of the application', async () => {
    const answer = await exchange(await requestedToken())
    expect(answer.status).toBe(200)
    const claims = await sandbox.state.accessTokens.verify(`Bearer ${answer.json.access_token as string}`, [
      'https://management.azure.com'
    ])
    expect(claims).toMatchObject({ appid: application.appId, tid: sandbox.state.tenantId })
    expect(sandbox.state.servicePrincipals.get(claims?.oid ?? '')?.appId).toBe(application.appId)
  })

  it('returns an access token of a managed identity', async () => {
    const { state } = sandbox
    const identity = {
      id: '/x',
      name: 'x',
      resourceGroup: 'azwi-sandbox',
      location: 'westeurope',
      tags: {},
      clientId: state.uuid(),
      principalId: state.uuid(),
      tenantId: state.tenantId,
      federatedIdentityCredentials: [trust(sandbox)]
    }
    state.managedIdentities.set('/x', identity)
    const answer = await exchange(await requestedToken(), identity.clientId)
    expect(
      await state.accessTokens.verify(`Bearer ${answer.json.access_token as string}`, ['https://management.azure.com'])
    ).toMatchObject({ oid: identity.principalId, appid: identity.clientId })
  })

  it('is refused if the managed identity is disabled', async () => {
    const { state } = sandbox
    const identity = addManagedIdentity(state, 'disabled', { federatedIdentityCredentials: [trust(sandbox)] })
    state.servicePrincipals.get(identity.principalId)!.accountEnabled = false
    expect(await errorOf(exchange(await requestedToken(), identity.clientId))).toMatchObject({
      error: 'unauthorized_client',
      code: 7000112
    })
  })

  it('fetches the documents of the issuer', async () => {
    sandbox.requests.length = 0
    await exchange(await requestedToken())
    expect(
      sandbox.requests
        .filter(entry => entry.service === 'issuer')
        .map(entry => entry.path.split('/').slice(3).join('/'))
    ).toEqual(['.well-known/openid-configuration', 'openid/v1/jwks'])
  })

  it('does not match a flexible credential, whose expression the sandbox does not evaluate', async () => {
    Object.assign(application.federatedIdentityCredentials[0]!, {
      subject: '',
      claimsMatchingExpression: { value: "claims['sub'] matches '*'", languageVersion: 1 }
    })
    expect(await errorOf(exchange(await requestedToken()))).toMatchObject({ error: 'invalid_client', code: 700213 })
  })

  it('sends no request to an issuer that no credential trusts', async () => {
    sandbox.requests.length = 0
    application.federatedIdentityCredentials.length = 0
    await exchange(await requestedToken())
    expect(sandbox.requests.filter(entry => entry.service === 'issuer')).toEqual([])
  })
})

describe('a token that does not match the credential', () => {
  it('in one byte of the subject is AADSTS700213', async () => {
    application.federatedIdentityCredentials = [trust(sandbox, { subject: 'system:serviceaccount:default:defaulu' })]
    const { status, error, code, text } = await errorOf(exchange(await requestedToken()))
    expect([status, error, code]).toEqual([401, 'invalid_client', 700213])
    expect(text).toContain("presented assertion subject 'system:serviceaccount:default:default'")
  })

  it('in the letter case of the subject is AADSTS7002138', async () => {
    application.federatedIdentityCredentials = [trust(sandbox, { subject: 'system:serviceaccount:default:Default' })]
    expect(await errorOf(exchange(await requestedToken()))).toMatchObject({ status: 401, code: 7002138 })
  })

  it('in the trailing slash of the issuer is AADSTS700211', async () => {
    application.federatedIdentityCredentials = [
      trust(sandbox, { issuer: sandbox.state.cluster.issuer.replace(/\/$/, '') })
    ]
    const { status, error, code, text } = await errorOf(exchange(await requestedToken()))
    expect([status, error, code]).toEqual([401, 'invalid_client', 700211])
    expect(text).toContain(`presented assertion issuer '${sandbox.state.cluster.issuer}'`)
  })

  it('in the audience is AADSTS700212', async () => {
    expect(await errorOf(exchange(await requestedToken('my.audience')))).toMatchObject({
      status: 401,
      error: 'invalid_client',
      code: 700212
    })
  })
})

describe('an invalid assertion', () => {
  it('that has expired is AADSTS700024', async () => {
    expect(await errorOf(exchange(await signed({ exp: nowInSeconds() - 60 })))).toMatchObject({
      status: 401,
      error: 'invalid_client',
      code: 700024
    })
  })

  it('that is valid from an hour later is AADSTS700024', async () => {
    const later = nowInSeconds() + 3600
    expect(await errorOf(exchange(await signed({ nbf: later, exp: later + 600 })))).toMatchObject({ code: 700024 })
  })

  it('that is valid for more than a day is AADSTS70023', async () => {
    expect(await errorOf(exchange(await signed({ exp: nowInSeconds() + 24 * 3600 + 60 })))).toMatchObject({
      code: 70023
    })
  })

  it('signed with ES256 is AADSTS5002738', async () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const { status, code, text } = await errorOf(exchange(await signed({}, { alg: 'ES256', key })))
    expect([status, code]).toEqual([401, 5002738])
    expect(text).toContain("'ES256' is not a supported signature algorithm")
  })

  it('signed with an unpublished key is AADSTS7000272', async () => {
    const key = preparedKey()
    expect(await errorOf(exchange(await signed({}, { kid: key.kid, key: key.privateKey })))).toMatchObject({
      status: 401,
      code: 7000272
    })
  })

  it('signed with another key under a published key ID is AADSTS700027', async () => {
    const key = preparedKey()
    expect(await errorOf(exchange(await signed({}, { key: key.privateKey })))).toMatchObject({
      status: 401,
      code: 700027
    })
  })

  it('without a key ID is AADSTS5002723', async () => {
    expect(await errorOf(exchange(await signed({}, { kid: '' })))).toMatchObject({ status: 401, code: 5002723 })
  })

  it.each([
    ['iss', 90014],
    ['aud', 90014]
  ])('without %s is AADSTS%i', async (claim, code) => {
    const { text, ...rest } = await errorOf(exchange(await signed({ [claim]: undefined })))
    expect(rest).toMatchObject({ status: 400, error: 'invalid_request', code })
    expect(text).toContain(`The required field '${claim}' is missing`)
  })

  it('that is not a JWT is AADSTS50027', async () => {
    expect(await errorOf(exchange('not a token'))).toMatchObject({ status: 400, error: 'invalid_request', code: 50027 })
  })

  it('from an unreachable issuer is AADSTS90061', async () => {
    const iss = 'https://localhost:1/unreachable/'
    application.federatedIdentityCredentials = [trust(sandbox, { issuer: iss })]
    expect(await errorOf(exchange(await signed({ iss })))).toMatchObject({
      status: 400,
      error: 'invalid_request',
      code: 90061
    })
  })

  it('for a client that does not exist is AADSTS700016', async () => {
    expect(await errorOf(exchange(await requestedToken(), sandbox.state.uuid()))).toMatchObject({
      status: 400,
      code: 700016
    })
  })

  it('for an application without a service principal is AADSTS7000229', async () => {
    const application = addApplication(sandbox, { servicePrincipal: false })
    application.federatedIdentityCredentials.push(trust(sandbox))
    expect(await errorOf(exchange(await requestedToken(), application.appId))).toMatchObject({
      status: 401,
      code: 7000229
    })
  })
})

describe('a key rotation', () => {
  it('makes exchanges fail until the new key is published', async () => {
    const { cluster } = sandbox.state
    const key = preparedKey()
    cluster.signingKeys.unshift(key)
    onTestFinished(() => {
      cluster.signingKeys = cluster.signingKeys.filter(other => other !== key)
      cluster.publishedKeys = cluster.publishedKeys.filter(jwk => jwk !== key.jwk)
    })
    expect(await errorOf(exchange(await requestedToken()))).toMatchObject({ code: 7000272 })
    cluster.publishedKeys.push(key.jwk)
    expect(await exchange(await requestedToken())).toMatchObject({ status: 200 })
  })
})
