import type { Route, SandboxRequest, Service } from '../server/http.js'
import type { State } from '../state.js'
import { applicationRoutes } from './applications.js'
import { authorized } from './authorization.js'
import { batchRoute } from './batch.js'
import { deletedItemRoutes } from './deleted-items.js'
import { directoryObjectRoutes } from './directory-objects.js'
import { errorAnswer, GraphError, malformed } from './errors.js'
import { federatedCredentialRoutes } from './federated-credentials.js'
import { passwordRoutes } from './passwords.js'
import { servicePrincipalRoutes } from './service-principals.js'

/** Microsoft Graph v1.0, as far as connecting a service account to an identity goes, over the directory of the world. */
export function graphService(state: State): Service {
  const open = [
    ...applicationRoutes(state),
    ...federatedCredentialRoutes(state),
    ...passwordRoutes(state),
    ...servicePrincipalRoutes(state),
    ...deletedItemRoutes(state),
    ...directoryObjectRoutes(state)
  ]
  const guarded = open.map(route => ({ ...route, handler: authorized(state, route.handler) }))
  const service: Service = {
    name: 'graph',
    routes: guarded,
    unknown: request => errorAnswer(state, unknownRoute(guarded, request), request),
    failed: (error, request) => errorAnswer(state, error, request)
  }
  // The batch itself stands outside the door: each of its steps passes it.
  return { ...service, routes: [...guarded, batchRoute(service)] }
}

/** What Graph says of a path that it does not have (400), of a method that the path does not take (405), and of another version than v1.0 (400). */
export function unknownRoute(routes: readonly Route[], { method, path }: SandboxRequest): GraphError {
  const [, version = '', segment = ''] = path.split('/')
  if (version !== 'v1.0') return malformed(`Invalid version: '${version}'. This sandbox speaks v1.0 only.`)
  if (routes.some(route => route.pattern.test(path))) {
    return new GraphError(
      405,
      'Request_BadRequest',
      `Specified HTTP method is not allowed for the request target: ${method} ${path}.`
    )
  }
  return malformed(`Resource not found for the segment '${segment}': the sandbox has no ${method} ${path}.`)
}
