import type { Route, SandboxRequest, Service } from '../server/http.js'
import type { State } from '../state.js'
import { applicationRoutes } from './applications.js'
import { authorized } from './authorization.js'
import { batchRoute } from './batch.js'
import { deletedItemRoutes } from './deleted-items.js'
import { directoryObjectRoutes } from './directory-objects.js'
import { errorResponse, GraphError, malformed } from './errors.js'
import { federatedCredentialRoutes } from './federated-credentials.js'
import { ownerRoutes } from './owners.js'
import { passwordRoutes } from './passwords.js'
import { servicePrincipalRoutes } from './service-principals.js'

/** Creates Microsoft Graph v1.0, with the routes that are needed to connect a service account to an identity. */
export function graphService(state: State): Service {
  const unguarded = [
    ...applicationRoutes(state),
    ...federatedCredentialRoutes(state),
    ...passwordRoutes(state),
    ...ownerRoutes(state),
    ...servicePrincipalRoutes(state),
    ...deletedItemRoutes(state),
    ...directoryObjectRoutes(state)
  ]
  const guarded = unguarded.map(route => ({ ...route, handler: authorized(state, route.handler) }))
  const service: Service = {
    name: 'graph',
    routes: guarded,
    unknown: request => errorResponse(state, unknownRoute(guarded, request), request),
    failed: (error, request) => errorResponse(state, error, request)
  }
  // The batch route has no access check, because each of its steps has one.
  return { ...service, routes: [...guarded, batchRoute(service)] }
}

/**
 * Returns the error for a request without a route: 405 for an unknown method, 400 for an unknown path or another
 * version than v1.0.
 */
function unknownRoute(routes: readonly Route[], { method, path }: SandboxRequest): GraphError {
  const [, version = '', segment = ''] = path.split('/')
  if (version !== 'v1.0')
    return malformed(`Invalid version: '${version}'. This sandbox has v1.0, and federated credentials in beta.`)
  if (routes.some(route => route.pattern.test(path))) {
    return new GraphError(
      405,
      'Request_BadRequest',
      `Specified HTTP method is not allowed for the request target: ${method} ${path}.`
    )
  }
  return malformed(`Resource not found for the segment '${segment}': the sandbox has no ${method} ${path}.`)
}
