import type { Handler, Service } from '../server/http.js'
import type { State } from '../state.js'
import { instanceDiscovery, openIdConfiguration, requireTenant } from './discovery.js'
import { EntraError, errorResponse, noStore } from './errors.js'
import { createIssuerKeys } from './issuer-keys.js'
import { grantToken } from './token.js'

const cacheable = {
  'cache-control': 'max-age=86400, private',
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, OPTIONS'
}

/**
 * Creates Entra: discovery, its keys, and the v2.0 token endpoint. `caPem` is trusted when Entra fetches the keys of an
 * issuer.
 */
export function entraService(state: State, caPem: string): Service {
  const issuerKeys = createIssuerKeys(caPem)
  const inTenant =
    (handler: Handler): Handler =>
    (request, parameters) => {
      requireTenant(state, parameters.tenant ?? '')
      return handler(request, parameters)
    }
  const keys: Handler = async () => ({
    status: 200,
    headers: cacheable,
    body: { keys: [(await state.entraSigningKey).jwk] }
  })
  return {
    name: 'entra',
    routes: [
      {
        method: 'GET',
        pattern: /^\/common\/discovery\/instance$/i,
        handler: request => ({ status: 200, headers: cacheable, body: instanceDiscovery(state, request) })
      },
      { method: 'GET', pattern: /^\/common\/discovery\/v2\.0\/keys$/i, handler: keys },
      { method: 'GET', pattern: /^\/(?<tenant>[^/]+)\/discovery\/v2\.0\/keys$/i, handler: inTenant(keys) },
      {
        method: 'GET',
        pattern: /^\/(?<tenant>[^/]+)\/v2\.0\/\.well-known\/openid-configuration$/i,
        handler: inTenant(request => ({ status: 200, headers: cacheable, body: openIdConfiguration(state, request) }))
      },
      {
        method: 'POST',
        pattern: /^\/(?<tenant>[^/]+)\/oauth2\/v2\.0\/token$/i,
        handler: inTenant(async request => ({
          status: 200,
          headers: { ...noStore, 'x-ms-request-id': state.uuid() },
          body: await grantToken(state, request, issuerKeys)
        }))
      }
    ],
    unknown: request => ({
      status: 404,
      headers: noStore,
      body: `Entra in the azwi sandbox has no ${request.method} ${request.path}.\n`
    }),
    failed: (error, request) =>
      error instanceof EntraError
        ? errorResponse(error, request, state)
        : {
            status: 500,
            headers: noStore,
            body: { error: 'server_error', error_description: `The sandbox itself failed: ${String(error)}` }
          }
  }
}
