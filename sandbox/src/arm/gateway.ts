import type { AccessTokenClaims } from '../entra/access-tokens.js'
import type { Parameters, Route, SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'
import { checkApiVersion, requireApiVersion, type ResourceType } from './api-versions.js'
import { authenticate } from './authentication.js'
import { gatewayError } from './errors.js'
import { resourceGroupOf, subscriptionOf } from './ids.js'

/** A request that passed ARM's gateway. */
export interface ArmCall {
  readonly request: SandboxRequest
  readonly parameters: Parameters
  /** The claims of the caller's access token. */
  readonly caller: AccessTokenClaims
}

/** A route behind ARM's gateway. `behindGateway` makes it a route of the service. */
export interface ArmRoute {
  readonly method: string
  readonly pattern: RegExp
  readonly type: ResourceType
  readonly handler: (call: ArmCall) => SandboxResponse | Promise<SandboxResponse>
}

/**
 * Returns a route pattern. It is case-insensitive and accepts several leading slashes, which some SDKs send before a
 * scope.
 */
export function path(pattern: string): RegExp {
  return new RegExp(`^/+${pattern}$`, 'i')
}

/**
 * Adds the checks of ARM's gateway to a route, in its order: the request has an API version, the subscription exists
 * (recorded: before the token is checked), the access token is valid, the type has this API version, the caller has
 * permission, the resource group exists. Listing subscriptions needs no permission.
 */
export function behindGateway(state: State, { method, pattern, type, handler }: ArmRoute): Route {
  return {
    method,
    pattern,
    handler: async (request, parameters) => {
      requireApiVersion(request)
      checkSubscription(state, request.path)
      const caller = await authenticate(state, request)
      checkApiVersion(request, type)
      const needsPermission = subscriptionOf(request.path) !== undefined
      if (needsPermission && state.denied.has(method === 'GET' ? 'arm reads' : 'arm'))
        throw authorizationFailed(request, caller)
      if (type !== 'resourceGroups') checkResourceGroup(state, request.path)
      return handler({ request, parameters, caller })
    }
  }
}

function checkSubscription(state: State, requested: string): void {
  const subscription = subscriptionOf(requested)
  if (subscription === undefined || subscription.toLowerCase() === state.subscriptionId.toLowerCase()) return
  throw gatewayError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`)
}

function checkResourceGroup(state: State, requested: string): void {
  const encoded = resourceGroupOf(requested)
  if (encoded === undefined) return
  const name = decodeURIComponent(encoded)
  if (!state.resourceGroups.has(name.toLowerCase())) throw groupNotFound(name)
}

/** A 404 for a missing resource group (recorded). */
export function groupNotFound(name: string): Error {
  return gatewayError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`)
}

function authorizationFailed({ method, path: requested }: SandboxRequest, { appid, oid }: AccessTokenClaims): Error {
  const path = decodeURIComponent(requested).replace(/^\/+/, '/')
  const scope = isList(path) ? path.replace(/\/[^/]+$/, '') : path
  return gatewayError(
    403,
    'AuthorizationFailed',
    `The client '${appid}' with object id '${oid}' does not have authorization to perform action '${actionOf(method, path)}' over scope '${scope}' ` +
      'or the scope is invalid. If access was recently granted, please refresh your credentials.'
  )
}

/** Reports whether a path is that of a list. Such a path ends with a type, not with a name. Its scope is the parent. */
function isList(path: string): boolean {
  const [, provider] = /.*\/providers\/[^/]+\/(.+)$/i.exec(path) ?? []
  return (provider ?? path.slice(1)).split('/').length % 2 === 1
}

/**
 * Returns the action of a request, for example `Microsoft.Authorization/roleAssignments/write` for a PUT of a role
 * assignment.
 */
function actionOf(method: string, scope: string): string {
  const verb = { GET: 'read', DELETE: 'delete', POST: 'action' }[method] ?? 'write'
  const [, provider] = /.*\/providers\/(.+)$/i.exec(scope) ?? []
  if (provider === undefined)
    return `Microsoft.Resources/subscriptions${/\/resourcegroups/i.test(scope) ? '/resourcegroups' : ''}/${verb}`
  const [namespace, ...segments] = provider.split('/')
  return [namespace, ...segments.filter((_segment, index) => index % 2 === 0), verb].join('/')
}
