import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { ask, askToken, operatorForm } from './client.js'
import { addApplication } from './directory-fixtures.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

describe('the client secret of the operator', () => {
  it('gets a response with four keys', async () => {
    const answer = await askToken(sandbox, operatorForm(sandbox))
    expect(answer.status).toBe(200)
    expect(Object.keys(answer.json)).toEqual(['token_type', 'expires_in', 'ext_expires_in', 'access_token'])
    expect(answer.json).toMatchObject({ token_type: 'Bearer', expires_in: 86_399, ext_expires_in: 86_399 })
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store, no-cache',
      'content-type': 'application/json; charset=utf-8'
    })
  })

  it('gets a token of the service principal for the resource in the scope', async () => {
    const { state } = sandbox
    const { access_token: token } = (await askToken(sandbox, operatorForm(sandbox))).json as { access_token: string }
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', kid: (await state.entraSigningKey).kid })
    expect(decodeJwt(token)).toMatchObject({
      aud: 'https://management.azure.com',
      appid: state.operator.clientId,
      oid: state.operator.objectId,
      tid: state.tenantId,
      iss: `https://sts.windows.net/${state.tenantId}/`
    })
    expect(await state.accessTokens.verify(`Bearer ${token}`, state.cloud.armAudiences)).toMatchObject({
      oid: state.operator.objectId
    })
    expect(await state.accessTokens.verify(`Bearer ${token}`, state.cloud.graphAudiences)).toBeUndefined()
    expect(
      await state.accessTokens.verify(`Bearer ${token.slice(0, -8)}AAAAAAAA`, state.cloud.armAudiences)
    ).toBeUndefined()
    expect(await state.accessTokens.verify(undefined, state.cloud.armAudiences)).toBeUndefined()
  })

  it('gets an audience with the double slash of the scope, as from Entra', async () => {
    const form = { ...operatorForm(sandbox), scope: 'https://management.azure.com//.default' }
    const { access_token: token } = (await askToken(sandbox, form)).json as { access_token: string }
    expect(decodeJwt(token).aud).toBe('https://management.azure.com/')
  })

  it('gets tokens for the Graph and ARM endpoints of the sandbox', async () => {
    const { graph, arm } = sandbox.state.endpoints
    for (const resource of [graph, arm]) {
      expect(await askToken(sandbox, { ...operatorForm(sandbox), scope: `${resource}/.default` })).toMatchObject({
        status: 200
      })
    }
  })
})

interface Refused {
  readonly request: string
  readonly change: Record<string, string>
  readonly status: number
  readonly error: string
  readonly code: number
}

const refused: Refused[] = [
  { request: 'a wrong secret', change: { client_secret: 'no' }, status: 401, error: 'invalid_client', code: 7000215 },
  {
    request: 'an unknown client',
    change: { client_id: 'aaaaaaaa-0000-4000-8000-000000000001' },
    status: 400,
    error: 'unauthorized_client',
    code: 700016
  },
  {
    request: 'another grant',
    change: { grant_type: 'password' },
    status: 400,
    error: 'unsupported_grant_type',
    code: 70003
  },
  { request: 'no grant', change: { grant_type: '' }, status: 400, error: 'invalid_request', code: 900144 },
  { request: 'no scope', change: { scope: '' }, status: 400, error: 'invalid_request', code: 900144 },
  {
    request: 'a scope without /.default',
    change: { scope: 'https://graph.microsoft.com/User.Read' },
    status: 400,
    error: 'invalid_scope',
    code: 1002012
  },
  {
    request: 'two scopes',
    change: { scope: 'https://a/.default https://b/.default' },
    status: 400,
    error: 'invalid_scope',
    code: 70011
  },
  {
    request: 'an unknown resource',
    change: { scope: 'user.read/.default' },
    status: 400,
    error: 'invalid_resource',
    code: 500011
  }
]

describe('a refused request', () => {
  it.each(refused)('with $request is AADSTS$code', async ({ change, status, error, code }) => {
    const answer = await askToken(sandbox, { ...operatorForm(sandbox), ...change })
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject({ error, error_codes: [code] })
  })

  it('has the keys, the message and the IDs of an error from Entra', async () => {
    const correlation = 'aaaaaaaa-0000-4000-8000-00000000000c'
    const answer = await askToken(sandbox, {
      ...operatorForm(sandbox),
      client_secret: 'no',
      'client-request-id': correlation
    })
    const body = answer.json as Record<string, string>
    expect(Object.keys(body)).toEqual([
      'error',
      'error_description',
      'error_codes',
      'timestamp',
      'trace_id',
      'correlation_id',
      'error_uri'
    ])
    expect(body.timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/)
    expect(body.correlation_id).toBe(correlation)
    expect(answer.headers['x-ms-request-id']).toBe(body.trace_id)
    expect(
      body.error_description?.endsWith(
        `Trace ID: ${body.trace_id ?? ''} Correlation ID: ${correlation} Timestamp: ${body.timestamp ?? ''}`
      )
    ).toBe(true)
    expect(body.error_uri).toBe(`${sandbox.state.endpoints.entra}/error?code=7000215`)
  })

  it('does not repeat the secret', async () => {
    expect((await askToken(sandbox, { ...operatorForm(sandbox), client_secret: 'hunter2hunter2' })).text).not.toContain(
      'hunter2'
    )
  })

  it('for an application without a service principal is AADSTS7000229', async () => {
    const { appId } = addApplication(sandbox, { servicePrincipal: false })
    const answer = await askToken(sandbox, { ...operatorForm(sandbox), client_id: appId })
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client', error_codes: [7000229] } })
  })

  it.each([
    ['not-a-tenant', 900023, 'invalid_request'],
    ['aaaaaaaa-0000-4000-8000-000000000001', 90002, 'invalid_tenant'],
    ['contoso.onmicrosoft.com', 90002, 'invalid_tenant']
  ])('for the tenant %s is AADSTS%i, at the token endpoint and at discovery', async (tenant, code, error) => {
    expect(await askToken(sandbox, operatorForm(sandbox), tenant)).toMatchObject({
      status: 400,
      json: { error, error_codes: [code] }
    })
    const discovery = await ask(
      sandbox,
      `${sandbox.state.endpoints.entra}/${tenant}/v2.0/.well-known/openid-configuration`
    )
    expect(discovery).toMatchObject({ status: 400, json: { error, error_codes: [code] } })
  })

  it('whose body is not a form names the missing field', async () => {
    const url = `${sandbox.state.endpoints.entra}/${sandbox.state.tenantId}/oauth2/v2.0/token`
    const answer = await ask(sandbox, url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: operatorForm(sandbox)
    })
    expect(answer).toMatchObject({ status: 400, json: { error_codes: [900144] } })
  })
})

describe('OpenID discovery', () => {
  it('names the keys that sign tokens', async () => {
    const { endpoints, tenantId, entraSigningKey } = sandbox.state
    const document = (await ask(sandbox, `${endpoints.entra}/${tenantId}/v2.0/.well-known/openid-configuration`))
      .json as Record<string, string>
    expect(document.issuer).toBe(`${endpoints.entra}/${tenantId}/v2.0`)
    expect(document.token_endpoint).toBe(`${endpoints.entra}/${tenantId}/oauth2/v2.0/token`)
    const { keys } = (await ask(sandbox, document.jwks_uri ?? '')).json as { keys: { kid: string }[] }
    expect(keys.map(key => key.kid)).toEqual([(await entraSigningKey).kid])
  })

  it('names only the sandbox as an instance', async () => {
    const { host } = new URL(sandbox.state.endpoints.entra)
    const answer = await ask(sandbox, `https://${host}/common/discovery/instance?api-version=1.1`)
    expect(answer.json).toMatchObject({
      'api-version': '1.1',
      metadata: [{ preferred_network: host, aliases: [host] }]
    })
  })
})
