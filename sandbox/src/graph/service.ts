import type { Service } from '../http.js'
import type { World } from '../world.js'
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
export function graphService(world: World): Service {
  const open = [
    ...applicationRoutes(world),
    ...federatedCredentialRoutes(world),
    ...passwordRoutes(world),
    ...servicePrincipalRoutes(world),
    ...deletedItemRoutes(world),
    ...directoryObjectRoutes(world)
  ]
  const guarded = open.map(route => ({ ...route, handler: authorized(world, route.handler) }))
  const service: Service = {
    name: 'graph',
    routes: guarded,
    unknown: request => errorAnswer(world, unknownRoute(guarded, request), request),
    failed: (error, request) => errorAnswer(world, error, request)
  }
  // The batch itself stands outside the door: each of its steps passes it.
  return { ...service, routes: [...guarded, batchRoute(service)] }
}
