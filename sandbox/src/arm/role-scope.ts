import type { Parameters } from '../server/http.js'
import type { State } from '../state.js'
import { badRequest } from './errors.js'
import { subscriptionOf } from './ids.js'

/** The part of a pattern before `/providers/Microsoft.Authorization/…`: any scope, `/` as the empty one. Read back with `scopeOf`. */
export const scopePattern = '(?<scope>(?:.*?/)?)providers/Microsoft\\.Authorization/'

/** The scope of a request. A management group, a subscription, a resource group or a resource; whether a resource exists is not asked. */
export function scopeOf(parameters: Parameters): string {
  const scope = `/${parameters.scope ?? ''}`.replace(/^\/+/, '/').replace(/\/+$/, '')
  if (scope === '') return '/'
  const resource = '(?:/providers/[^/]+(?:/[^/]+/[^/]+)+)*'
  const known = new RegExp(
    `^(?:/subscriptions/[^/]+(?:/resourcegroups/[^/]+)?${resource}|/providers/Microsoft\\.Management/managementGroups/[^/]+)$`,
    'i'
  )
  if (!known.test(scope)) throw badRequest(`The scope '${scope}' is not valid.`, 'InvalidScope')
  return scope
}

/** The id of a role definition as it is listed at a scope: a built-in role too gets one under the subscription (recorded). */
export function roleDefinitionId(state: State, scope: string, guid: string): string {
  const subscription = subscriptionOf(scope) === undefined ? '' : `/subscriptions/${state.subscriptionId}`
  return `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${guid}`
}
