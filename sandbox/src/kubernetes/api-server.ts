import { timingSafeEqual } from 'node:crypto'
import { issuerDiscovery } from '../issuer/service.js'
import type { Handler, Route, SandboxRequest, Service } from '../server/http.js'
import type { State } from '../state.js'
import { discovery } from './api-discovery.js'
import { negotiate } from './media-types.js'
import { objectRoutes } from './object-routes.js'
import { openApi } from './openapi.js'
import { requirePathPermission } from './permissions.js'
import { StatusError, statusResponse } from './status-error.js'

/**
 * Returns the Kubernetes API server. It serves discovery, OpenAPI, the issuer's documents and the objects of all kinds.
 * Every route except the health checks requires the token of the kubeconfig.
 *
 * A request passes through the routes and the permissions to `storage/`, which reads and writes the objects of
 * `kinds/`. `fields/` decodes, merges and patches their fields, and tracks which manager owns them. New pods pass
 * through `admission/`. After each write, `controllers/` updates the objects that depend on it.
 */
export function kubernetesService(state: State): Service {
  const authenticated =
    (handler: Handler): Handler =>
    (request, parameters) => {
      requireToken(state, request)
      return handler(request, parameters)
    }
  const document = (pattern: RegExp, body: () => object, type = 'application/json'): Route => ({
    method: 'GET',
    pattern,
    handler: authenticated(request => {
      requirePathPermission(state, request.path)
      return { status: 200, headers: { 'content-type': negotiate(request, [type]) }, body: body() }
    })
  })
  const health = { method: 'GET', pattern: /^\/(healthz|livez|readyz)$/, handler: () => ({ status: 200, body: 'ok' }) }
  return {
    name: 'kubernetes',
    routes: [
      health,
      ...Object.entries({ ...discovery, ...openApi }).map(([path, body]) =>
        document(new RegExp(`^${path.replaceAll('.', '\\.')}/?$`), () => body)
      ),
      document(/^\/\.well-known\/openid-configuration\/?$/, () => issuerDiscovery(state)),
      document(
        /^\/openid\/v1\/jwks\/?$/,
        () => ({ keys: state.cluster.signingKeys.map(key => key.jwk) }),
        'application/jwk-set+json'
      ),
      ...objectRoutes(state).map(route => ({
        ...route,
        handler: authenticated((request, parameters) => {
          negotiate(request, ['application/json'])
          return route.handler(request, parameters)
        })
      }))
    ],
    unknown: request =>
      statusResponse(
        isAuthenticated(state, request)
          ? new StatusError(
              404,
              'NotFound',
              `the azwi sandbox could not find the requested resource (${request.method} ${request.path})`
            )
          : unauthorized()
      ),
    failed: error =>
      statusResponse(
        error instanceof StatusError
          ? error
          : new StatusError(500, 'InternalError', `Internal error occurred in the sandbox: ${String(error)}`)
      )
  }
}

function requireToken(state: State, request: SandboxRequest): void {
  if (!isAuthenticated(state, request)) throw unauthorized()
}

function isAuthenticated({ cluster }: State, { headers }: SandboxRequest): boolean {
  const presented = Buffer.from(headers.authorization ?? '')
  const expected = Buffer.from(`Bearer ${cluster.adminToken}`)
  return presented.length === expected.length && timingSafeEqual(presented, expected)
}

function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized')
}
