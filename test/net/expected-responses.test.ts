import { createHttpHeaders, createPipelineRequest, type HttpMethods } from '@azure/core-rest-pipeline'
import { describe, expect, it } from 'vitest'
import { allowUnlistedRequest, refuseUnexpectedResponse } from '../../src/net/expected-responses.js'

const subscription = '/subscriptions/8f3c2f6e-0000-4000-8000-000000000000'
const group = `${subscription}/resourceGroups/shop`
const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app`
const objectId = '11111111-2222-4333-8444-555555555555'

/** Each request of azwi with an answer of the service. */
const requests: readonly (readonly [method: HttpMethods, path: string, status: number, body: object | undefined])[] = [
  ['POST', '/tenant/oauth2/v2.0/token', 200, { access_token: 'x', token_type: 'Bearer' }],
  ['GET', '/v1.0/applications?$filter=x', 200, { value: [] }],
  ['GET', `/v1.0/applications/${objectId}`, 200, { id: objectId, appId: objectId }],
  ['GET', `/v1.0/applications/${objectId}/federatedIdentityCredentials`, 200, { value: [] }],
  ['GET', '/v1.0/servicePrincipals?$filter=x', 200, { value: [] }],
  ['GET', '/v1.0/directory/deletedItems/microsoft.graph.application', 200, { value: [] }],
  ['POST', '/v1.0/servicePrincipals', 201, { id: objectId, appId: objectId }],
  ['POST', '/v1.0/$batch', 200, { responses: [] }],
  ['PATCH', "/v1.0/applications(uniqueName='azwi-1')", 201, { id: objectId, appId: objectId }],
  ['PATCH', `/v1.0/applications/${objectId}/federatedIdentityCredentials(name='a')`, 201, { id: objectId }],
  ['GET', '/subscriptions?api-version=2022-12-01', 200, { value: [] }],
  ['GET', `${subscription}/resourcegroups/shop`, 200, { id: group, name: 'shop', location: 'westeurope' }],
  ['GET', `${subscription}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`, 200, { value: [] }],
  ['GET', identity, 200, { id: identity, name: 'app', properties: { clientId: objectId, principalId: objectId } }],
  ['PUT', identity, 201, { id: identity, name: 'app', properties: { clientId: objectId, principalId: objectId } }],
  ['GET', `${identity}/federatedIdentityCredentials`, 200, { value: [] }],
  ['PUT', `${identity}/federatedIdentityCredentials/a`, 201, { id: 'x', properties: { issuer: 'i', subject: 's' } }],
  ['GET', `/${group}/providers/Microsoft.Authorization/roleAssignments`, 200, { value: [] }],
  ['GET', `/${group}/providers/Microsoft.Authorization/roleDefinitions?$filter=x`, 200, { value: [] }],
  [
    'PUT',
    `/${group}/providers/Microsoft.Authorization/roleAssignments/${objectId}`,
    201,
    { id: 'x', name: 'y', properties: { principalId: objectId, roleDefinitionId: 'z' } }
  ],
  ['DELETE', `/${group}/providers/Microsoft.Authorization/roleAssignments/${objectId}`, 200, { id: 'x' }],
  ['POST', `${identity}/listAssociatedResources`, 200, { totalCount: 0, value: [] }],
  ['POST', '/providers/Microsoft.ResourceGraph/resources', 200, { count: 0, data: [] }],
  ['GET', '/api/v1/serviceaccounts?limit=500', 200, { kind: 'ServiceAccountList', items: [] }],
  ['GET', '/api/v1/namespaces/shop/serviceaccounts/app', 200, { kind: 'ServiceAccount', metadata: { name: 'app' } }],
  ['GET', '/api/v1/namespaces/shop', 200, { kind: 'Namespace', metadata: { name: 'shop' } }],
  ['GET', '/apis/apps/v1/namespaces/shop/deployments', 200, { items: [] }],
  ['PATCH', '/api/v1/namespaces/shop/serviceaccounts/app', 200, { kind: 'ServiceAccount', metadata: { name: 'app' } }],
  ['POST', '/api/v1/namespaces/shop/serviceaccounts/app/token', 201, { status: { token: 'x' } }],
  ['GET', '/openid/v1/jwks', 200, { keys: [] }]
]

/** Answers with a successful status that no service gives. */
const lies: readonly (readonly [name: string, status: number | undefined, body: string])[] = [
  ['a sign-in page', undefined, '<!doctype html><title>Sign in</title>'],
  ['an empty body', undefined, ''],
  ['null', undefined, 'null'],
  ['an empty object', undefined, '{}'],
  ['a foreign object', undefined, '{"status":"ok","result":[]}'],
  ['a truncated body', undefined, '{"value":[{"id":"1"'],
  ['a list', undefined, '[]']
]

function check(method: HttpMethods, path: string, status: number, body: string): void {
  const request = createPipelineRequest({ url: `https://service.example${path}`, method })
  const headers = createHttpHeaders({ 'content-type': body.startsWith('<') ? 'text/html' : 'application/json' })
  refuseUnexpectedResponse(request, { request, status, headers, bodyAsText: body })
}

describe.each(requests)('%s %s', (method, path, status, body) => {
  it('accepts the answer of the service', () => {
    check(method, path, status, JSON.stringify(body))
  })

  it.each(lies)('refuses %s', (_, other, text) => {
    expect(() => {
      check(method, path, other ?? status, text)
    }).toThrow(expect.objectContaining({ code: 'UnexpectedResponse' }) as Error)
  })

  it('refuses a success without a body, unless the service has one', () => {
    const refuses = (): void => {
      check(method, path, 204, '')
    }
    if (method === 'DELETE' || (method === 'PATCH' && path.startsWith('/v1.0/'))) refuses()
    else expect(refuses).toThrow('with the status 204')
  })

  it('leaves errors to the client', () => {
    check(method, path, 403, '<html>')
  })
})

/** The requests whose 404 means that an object does not exist. */
const notFound: readonly (readonly [method: HttpMethods, path: string, body: string])[] = [
  ['GET', `/v1.0/applications/${objectId}`, '{"error":{"code":"Request_ResourceNotFound","message":"no"}}'],
  ['DELETE', `/v1.0/applications/${objectId}`, '{"error":{"code":"Request_ResourceNotFound","message":"no"}}'],
  [
    'PATCH',
    `/v1.0/applications/${objectId}/federatedIdentityCredentials(name='a')`,
    '{"error":{"code":"Request_ResourceNotFound"}}'
  ],
  ['GET', subscription, '{"error":{"code":"SubscriptionNotFound","message":"no"}}'],
  ['GET', `${subscription}/resourcegroups/shop`, '{"error":{"code":"ResourceGroupNotFound","message":"no"}}'],
  ['GET', identity, '{"error":{"code":"ResourceNotFound","message":"no"}}'],
  ['DELETE', identity, '{"error":{"code":"ResourceGroupNotFound","message":"no"}}'],
  ['GET', '/api/v1/namespaces/shop/serviceaccounts/app', '{"kind":"Status","reason":"NotFound","code":404}'],
  ['DELETE', '/api/v1/namespaces/shop/serviceaccounts/app', '{"kind":"Status","reason":"NotFound","code":404}'],
  ['GET', '/apis/batch/v1/cronjobs', '404 page not found\n'],
  ['GET', '/openid/v1/jwks', '404 page not found\n']
]

describe.each(notFound)('a 404 to %s %s', (method, path, body) => {
  it('is the answer of the service if it is in its format', () => {
    check(method, path, 404, body)
  })

  it.each(['<!doctype html><title>Not found</title>', '', 'null', '{}', '{"status":"not found"}', '[]', 'Not Found'])(
    'is refused as %j, because it would pass for an object that does not exist',
    text => {
      expect(() => {
        check(method, path, 404, text)
      }).toThrow(
        expect.objectContaining({
          code: 'UnexpectedResponse',
          message: expect.stringContaining(`answered ${method} ${path} with a 404 in a format of its own`) as string
        }) as Error
      )
    }
  )
})

describe('an unexpected response', () => {
  it('names the host, the request and what is wrong, and what can be in between', () => {
    expect(() => {
      check('GET', '/v1.0/applications', 200, '<html>')
    }).toThrow(
      expect.objectContaining({
        message:
          'service.example answered GET /v1.0/applications with text/html in place of JSON, which the service does not do',
        hint: expect.stringContaining('HTTPS_PROXY') as string
      }) as Error
    )
  })

  it('is any success of a request without a row, which the error names', () => {
    expect(() => {
      check('GET', '/something/else', 200, '{}')
    }).toThrow('azwi has no rule for the answer to GET /something/else')
    check('GET', '/something/else', 500, '')
  })

  it('is left to the caller if the environment or a login library chooses the URL', () => {
    const request = allowUnlistedRequest(createPipelineRequest({ url: 'https://runner.example/token' }))
    refuseUnexpectedResponse(request, { request, status: 200, headers: createHttpHeaders(), bodyAsText: '{}' })
  })
})

describe.each([identity, `${identity}/federatedIdentityCredentials/a`])('the deletion of %s', path => {
  it.each([
    [200, ''],
    [200, JSON.stringify({ id: path })],
    [202, ''],
    [202, '{}'],
    [204, '']
  ])('has succeeded after %i %j', (status, body) => {
    check('DELETE', path, status, body)
  })

  it.each([
    [200, '<html>Sign in</html>'],
    [200, 'null'],
    [200, '[]'],
    [200, '"deleted"'],
    [200, '{"status":"ok"}'],
    [202, '<html>Sign in</html>'],
    [202, 'null']
  ])('is unknown after %i %j', (status, body) => {
    expect(() => {
      check('DELETE', path, status, body)
    }).toThrow(expect.objectContaining({ code: 'UnexpectedResponse' }) as Error)
  })
})
