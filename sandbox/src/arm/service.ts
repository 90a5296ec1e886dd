import type { Service } from '../http.js'
import type { State } from '../state.js'
import { errorAnswer } from './errors.js'
import { identityCredentialRoutes } from './identity-credentials.js'
import { managedClusterRoutes } from './managed-clusters.js'
import { managedIdentityRoutes } from './managed-identities.js'
import { metadataRoute } from './metadata.js'
import { resourceGroupRoutes } from './resource-groups.js'
import { roleAssignmentRoutes } from './role-assignments.js'
import { roleDefinitionRoutes } from './role-definitions.js'
import { behindGateway } from './route.js'
import { subscriptionRoutes } from './subscriptions.js'
import { unknownRoute } from './unknown.js'

/** Azure Resource Manager, as far as connecting a service account to an identity goes, over the one subscription of the world. */
export function armService(state: State): Service {
  const guarded = [
    ...subscriptionRoutes(state),
    ...resourceGroupRoutes(state),
    ...roleDefinitionRoutes(state),
    ...roleAssignmentRoutes(state),
    ...managedIdentityRoutes(state),
    ...identityCredentialRoutes(state),
    ...managedClusterRoutes(state)
  ]
  const routes = [metadataRoute(state), ...guarded.map(route => behindGateway(state, route))]
  return {
    name: 'arm',
    routes,
    unknown: request => errorAnswer(unknownRoute(routes, request)),
    failed: error => errorAnswer(error)
  }
}
