import type { Route, SandboxRequest, Service } from '../server/http.js'
import type { State } from '../state.js'
import { requireApiVersion } from './api-versions.js'
import { associatedResourceRoutes } from './associated-resources.js'
import { ArmError, errorResponse, gatewayError } from './errors.js'
import { behindGateway } from './gateway.js'
import { identityCredentialRoutes } from './identity-credentials.js'
import { managedClusterRoutes } from './managed-clusters.js'
import { managedIdentityRoutes } from './managed-identities.js'
import { metadataRoute } from './metadata.js'
import { hasProvider, providerRoutes } from './providers.js'
import { resourceGraphRoutes } from './resource-graph.js'
import { resourceGroupRoutes } from './resource-groups.js'
import { resourceListRoutes } from './resource-list.js'
import { roleAssignmentRoutes } from './role-assignments.js'
import { roleDefinitionRoutes } from './role-definitions.js'
import { subscriptionRoutes } from './subscriptions.js'

/**
 * Creates Azure Resource Manager for the subscriptions of the tenant, with the routes that are needed to connect a service account to
 * an identity.
 */
export function armService(state: State): Service {
  const guarded = [
    ...subscriptionRoutes(state),
    ...resourceGroupRoutes(state),
    ...roleDefinitionRoutes(state),
    ...roleAssignmentRoutes(state),
    ...managedIdentityRoutes(state),
    ...associatedResourceRoutes(state),
    ...identityCredentialRoutes(state),
    ...managedClusterRoutes(state),
    ...resourceGraphRoutes(state),
    ...resourceListRoutes(state),
    ...providerRoutes()
  ]
  const routes = [metadataRoute(state), ...guarded.map(route => behindGateway(state, route))]
  return {
    name: 'arm',
    routes,
    unknown: request => errorResponse(unknownRoute(routes, request)),
    failed: error => errorResponse(error)
  }
}

/** Returns the error for a request without a route: an unknown method, resource provider or resource type. */
function unknownRoute(routes: readonly Route[], request: SandboxRequest): ArmError {
  try {
    requireApiVersion(request)
  } catch (error) {
    if (error instanceof ArmError) return error
    throw error
  }
  const { method, path } = request
  if (routes.some(route => route.pattern.test(path))) {
    return new ArmError(405, 'MethodNotAllowed', `The sandbox has no ${method} for ${path}.`)
  }
  const [, namespace, type = ''] = /.*\/providers\/([^/]+)(?:\/([^/]+))?/i.exec(path) ?? []
  if (namespace === undefined) return gatewayError(404, 'NotFound', `The sandbox has no ${method} ${path}.`)
  if (!hasProvider(namespace)) return unknownProvider(namespace)
  return gatewayError(
    404,
    'InvalidResourceType',
    `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${request.query.get('api-version') ?? ''}': ` +
      `the sandbox has no ${method} ${path}.`
  )
}

/** Providers of Azure that clients often use. */
const unregisteredProviders = [
  'compute',
  'containerregistry',
  'documentdb',
  'eventhub',
  'keyvault',
  'management',
  'network',
  'servicebus',
  'sql',
  'storage',
  'web'
].map(name => `microsoft.${name}`)

/**
 * Returns the error for a resource provider that the sandbox does not have. A provider that Azure has is not registered in the subscription (409,
 * recorded): `az` takes a 404 on a list for an empty list.
 */
function unknownProvider(namespace: string): ArmError {
  if (unregisteredProviders.includes(namespace.toLowerCase())) {
    return gatewayError(
      409,
      'MissingSubscriptionRegistration',
      `The subscription is not registered to use namespace '${namespace}', which the sandbox does not have. See https://aka.ms/rps-not-found for how to register subscriptions.`
    )
  }
  return gatewayError(
    404,
    'InvalidResourceNamespace',
    `The resource namespace '${namespace}' is invalid: the sandbox does not have it.`
  )
}
