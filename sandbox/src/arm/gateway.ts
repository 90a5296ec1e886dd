import type { AccessTokenClaims } from '../entra/access-tokens.js'
import type { Parameters, Route, SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'
import { checkApiVersion, requireApiVersion, type ResourceType } from './api-versions.js'
import { authenticate } from './authentication.js'
import { isActionAllowed } from './access.js'
import { gatewayError } from './errors.js'
import { subscriptionNotFound } from './find-subscription.js'
import { resourceGroupOf, subscriptionOf } from './ids.js'
import { resourceGroupKey } from './resource-group-key.js'
import { managementGroupOf } from './scope-hierarchy.js'

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
  /**
   * True if the route checks the permissions of the caller by itself. It then answers with what the caller may read, or
   * with an error of its own.
   */
  readonly checksPermission?: true
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
 * permission, the subscription is not read-only, the resource group exists.
 */
export function behindGateway(state: State, { method, pattern, type, checksPermission, handler }: ArmRoute): Route {
  return {
    method,
    pattern,
    handler: async (request, parameters) => {
      requireApiVersion(request)
      checkSubscription(state, request.path)
      const caller = await authenticate(state, request)
      checkApiVersion(request, type)
      if (checksPermission !== true) checkPermission(state, request, caller)
      if (!['GET', 'HEAD', 'DELETE'].includes(method)) checkWritable(state, request.path)
      if (type !== 'resourceGroups') checkResourceGroup(state, request.path)
      return handler({ request, parameters, caller })
    }
  }
}

function checkSubscription(state: State, requested: string): void {
  const subscription = subscriptionOf(requested)
  if (subscription === undefined) return
  const known = state.subscriptions.get(subscription.toLowerCase())
  if (known !== undefined && known.state !== 'Deleted') return
  throw subscriptionNotFound(subscription)
}

/**
 * Throws a 409 for a write in a subscription that is disabled or warned. Its objects can be read and deleted (Resource
 * Provider Contract, subscription lifecycle). The message is from vscode-azureappservice #912. Whether this check comes
 * before or after that of the permission is unknown.
 */
function checkWritable(state: State, requested: string): void {
  const subscription = state.subscriptions.get(subscriptionOf(requested)?.toLowerCase() ?? '')
  if (subscription === undefined || !['Warned', 'Disabled'].includes(subscription.state)) return
  throw gatewayError(
    409,
    'ReadOnlyDisabledSubscription',
    `The subscription '${subscription.id}' is disabled and therefore marked as read only. You cannot perform any write actions on this ` +
      'subscription until it is re-enabled.'
  )
}

function checkResourceGroup(state: State, requested: string): void {
  const encoded = resourceGroupOf(requested)
  const subscription = subscriptionOf(requested)
  if (encoded === undefined || subscription === undefined) return
  const name = decodeURIComponent(encoded)
  if (!state.resourceGroups.has(resourceGroupKey(state, subscription, name))) throw groupNotFound(name)
}

/** A 404 for a missing resource group (recorded). */
export function groupNotFound(name: string): Error {
  return gatewayError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`)
}

/**
 * Throws a 403 if `state.denied` denies the reads or the writes in the subscription, or the action of the request, or if
 * the management group of the scope does not exist.
 */
function checkPermission(state: State, request: SandboxRequest, caller: AccessTokenClaims): void {
  const path = decodeURIComponent(request.path).replace(/^\/+/, '/')
  const { action, scope } = accessOf(request.method, path)
  const isDenied =
    subscriptionOf(path) !== undefined &&
    state.denied.has(['GET', 'HEAD'].includes(request.method) ? 'arm reads' : 'arm')
  const accessScope = scopeOfAccess(scope)
  const group = managementGroupOf(accessScope)
  const exists = group === undefined || state.managementGroups.has(group.toLowerCase())
  if (isDenied || !exists || !isActionAllowed(state, action, accessScope))
    throw authorizationFailed(caller, action, scope)
}

/** A 403 of Azure RBAC (recorded). ARM also answers so for a scope that does not exist. */
export function authorizationFailed({ appid, oid }: AccessTokenClaims, action: string, scope: string): Error {
  return gatewayError(
    403,
    'AuthorizationFailed',
    `The client '${appid}' with object id '${oid}' does not have authorization to perform action '${action}' over scope '${scope}' ` +
      'or the scope is invalid. If access was recently granted, please refresh your credentials.'
  )
}

function accessOf(method: string, path: string): { action: string; scope: string } {
  return { action: actionOf(method, path), scope: isList(path) ? path.replace(/\/[^/]+$/, '') : path }
}

/**
 * Returns the scope in which an object or a list is, without the namespace of the list's type:
 * `…/providers/Microsoft.Authorization` becomes `…`.
 */
function scopeOfAccess(scope: string): string {
  return scope.replace(/\/providers\/[^/]+$/i, '')
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
  const verb = { GET: 'read', HEAD: 'read', DELETE: 'delete', POST: 'action' }[method] ?? 'write'
  const [, provider] = /.*\/providers\/(.+)$/i.exec(scope) ?? []
  if (provider === undefined)
    return `Microsoft.Resources/subscriptions${/\/resourcegroups/i.test(scope) ? '/resourcegroups' : ''}/${verb}`
  const [namespace, ...segments] = provider.split('/')
  return [namespace, ...segments.filter((_segment, index) => index % 2 === 0), verb].join('/')
}
