import type { Service } from '../http.js'
import type { State } from '../state.js'
import { applicationRoutes } from './applications.js'
import { authorized } from './authorization.js'
import { batchRoute } from './batch.js'
import { deletedItemRoutes } from './deleted-items.js'
import { directoryObjectRoutes } from './directory-objects.js'
import { errorAnswer } from './errors.js'
import { federatedCredentialRoutes } from './federated-credentials.js'
import { passwordRoutes } from './passwords.js'
import { servicePrincipalRoutes } from './service-principals.js'
import { unknownRoute } from './unknown.js'

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
