import type { Parameters } from '../server/http.js'
import { badRequest } from './errors.js'
import { subscriptionOf } from './ids.js'

/** The beginning of a pattern for a path below any scope, including `/`. `scopeOf` reads the scope. */
export const scopePattern = '(?<scope>(?:.*?/)?)providers/Microsoft\\.Authorization/'

/** Returns the scope of a request. Throws a 400 if its form is unknown. Does not check whether the resource exists. */
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

/** Returns the GUID in the ID of a role definition, in lower case. The rest of the ID differs from scope to scope. */
export function roleGuid(roleId: string): string {
  return roleId.toLowerCase().split('/').at(-1) ?? ''
}

/**
 * Returns the ID of a role definition at a scope. In a subscription, even the ID of a built-in role is below the
 * subscription (recorded).
 */
export function roleDefinitionId(scope: string, guid: string): string {
  const subscription = subscriptionOf(scope)
  return `${subscription === undefined ? '' : `/subscriptions/${subscription}`}/providers/Microsoft.Authorization/roleDefinitions/${guid}`
}
