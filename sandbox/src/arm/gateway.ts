import type { AccessTokenClaims } from '../entra/access-tokens.js'
import type { Parameters, Route, SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'
import { checkApiVersion, requireApiVersion, type ResourceType } from './api-versions.js'
import { authenticate } from './authentication.js'
import { gatewayError } from './errors.js'
import { resourceGroupOf, subscriptionOf } from './ids.js'

export interface ArmCall {
  readonly request: SandboxRequest
  readonly parameters: Parameters
  readonly caller: AccessTokenClaims
}

export interface ArmRoute {
  readonly method: string
  readonly pattern: RegExp
  readonly type: ResourceType
  readonly handler: (call: ArmCall) => SandboxResponse | Promise<SandboxResponse>
}

/** A pattern for a whole path. Without regard to case; SDKs that put a scope after a slash double it, and ARM does not mind. */
export function path(pattern: string): RegExp {
  return new RegExp(`^/+${pattern}$`, 'i')
}

/**
 * The route behind ARM's gateway, which asks in this order: is there an api-version, is the subscription known (before it asks who calls:
 * recorded), who calls, is the version one that the type has, may the caller do that, is the resource group there. The list of subscriptions is
 * refused to nobody: whoever may see none gets an empty one.
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
      const isOpen = subscriptionOf(request.path) === undefined
      if (!isOpen && state.denied.has(method === 'GET' ? 'arm reads' : 'arm'))
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

/** 404 for a resource group that is not there (recorded). */
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

/** A list is read at what the things in it lie in: a path of types and names in turn then ends in a type. */
function isList(path: string): boolean {
  const [, provider] = /.*\/providers\/[^/]+\/(.+)$/i.exec(path) ?? []
  return (provider ?? path.slice(1)).split('/').length % 2 === 1
}

/** `Microsoft.Authorization/roleAssignments/write` for a PUT of a role assignment: the last provider in the id, its types, and a verb. */
function actionOf(method: string, scope: string): string {
  const verb = { GET: 'read', DELETE: 'delete', POST: 'action' }[method] ?? 'write'
  const [, provider] = /.*\/providers\/(.+)$/i.exec(scope) ?? []
  if (provider === undefined)
    return `Microsoft.Resources/subscriptions${/\/resourcegroups/i.test(scope) ? '/resourcegroups' : ''}/${verb}`
  const [namespace, ...segments] = provider.split('/')
  return [namespace, ...segments.filter((_segment, index) => index % 2 === 0), verb].join('/')
}
