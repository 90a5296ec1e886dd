import type { Route, SandboxRequest } from '../http.js'
import { requireApiVersion } from './api-versions.js'
import { ArmError, gatewayError } from './errors.js'

const namespaces = [
  'Microsoft.Authorization',
  'Microsoft.ManagedIdentity',
  'Microsoft.ContainerService',
  'Microsoft.Resources'
]

/** What ARM says of a path that it does not have: a provider it does not know, a type that the provider does not have, a method that the type does not take. */
export function unknownRoute(routes: readonly Route[], request: SandboxRequest): ArmError {
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
  if (!namespaces.some(known => known.toLowerCase() === namespace.toLowerCase())) {
    return gatewayError(
      404,
      'InvalidResourceNamespace',
      `The resource namespace '${namespace}' is invalid: the sandbox does not have it.`
    )
  }
  return gatewayError(
    404,
    'InvalidResourceType',
    `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${request.query.get('api-version') ?? ''}': ` +
      `the sandbox has no ${method} ${path}.`
  )
}
