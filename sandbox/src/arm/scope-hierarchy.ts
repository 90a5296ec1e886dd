import type { State } from '../state.js'
import { isWithin, sameId, subscriptionOf } from './ids.js'

const managementGroupScope = /^\/+providers\/Microsoft\.Management\/managementGroups\/([^/]+)/i

/** Returns the scope of a management group. */
export function managementGroupId(name: string): string {
  return `/providers/Microsoft.Management/managementGroups/${name}`
}

/**
 * Reports whether `scope` is equal to `ancestor` or below it: in a resource group, a subscription, a management group,
 * or the root `/`, which is above everything.
 */
export function isAtOrBelow(state: State, scope: string, ancestor: string): boolean {
  return isWithin(scope, ancestor) || managementGroupsAbove(state, scope).some(group => sameId(group, ancestor))
}

/** Returns the scopes of the management groups that contain a scope, the nearest first, and of the scope's own group. */
function managementGroupsAbove(state: State, scope: string): string[] {
  const subscription = state.subscriptions.get(subscriptionOf(scope)?.toLowerCase() ?? '')
  const groups: string[] = []
  let name = subscription?.managementGroup ?? managementGroupOf(scope)
  while (name !== undefined && groups.length <= state.managementGroups.size) {
    groups.push(managementGroupId(name))
    name = state.managementGroups.get(name.toLowerCase())?.parent
  }
  return groups
}

/** Returns the name of the management group in a scope or in the ID of an object at it. Undefined for other scopes. */
export function managementGroupOf(scope: string): string | undefined {
  return managementGroupScope.exec(scope)?.[1]
}
