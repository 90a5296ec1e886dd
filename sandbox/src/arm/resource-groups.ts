import type { JsonObject } from '../json.js'
import type { ResourceGroup } from './resources.js'
import type { State } from '../state.js'
import { json, listing } from './responses.js'
import { readBody, readLocation, readTags } from './request.js'
import { ArmError } from './errors.js'
import { type ArmCall, type ArmRoute, groupNotFound, path } from './gateway.js'

/**
 * Routes of resource groups: list, read, create. Their IDs have `resourceGroups`, the IDs of their resources have
 * `resourcegroups` (recorded).
 */
export function resourceGroupRoutes(state: State): ArmRoute[] {
  const one = path('subscriptions/[^/]+/resourcegroups/(?<group>[^/]+)')
  const write = ({ request, parameters }: ArmCall) => {
    const name = parameters.group ?? ''
    const body = readBody(request)
    const location = readLocation(body)
    const existing = state.resourceGroups.get(name.toLowerCase())
    if (existing !== undefined && existing.location !== location) {
      throw new ArmError(
        409,
        'InvalidResourceGroupLocation',
        `Invalid resource group location '${location}'. The Resource group already exists in location '${existing.location}'.`
      )
    }
    const group: ResourceGroup = { name: existing?.name ?? name, location, tags: readTags(body) }
    state.resourceGroups.set(name.toLowerCase(), group)
    return json(existing === undefined ? 201 : 200, groupJson(state, group))
  }
  return [
    {
      method: 'GET',
      type: 'resourceGroups',
      pattern: path('subscriptions/[^/]+/resourcegroups'),
      handler: ({ request }) =>
        listing(
          request,
          [...state.resourceGroups.values()].map(group => groupJson(state, group))
        )
    },
    {
      method: 'GET',
      type: 'resourceGroups',
      pattern: one,
      handler: ({ parameters }) => json(200, groupJson(state, findGroup(state, parameters.group ?? '')))
    },
    { method: 'PUT', type: 'resourceGroups', pattern: one, handler: write }
  ]
}

/** Returns a resource group. Throws a 404 if it does not exist. */
export function findGroup(state: State, name: string): ResourceGroup {
  const group = state.resourceGroups.get(name.toLowerCase())
  if (group === undefined) throw groupNotFound(name)
  return group
}

function groupJson({ subscriptionId }: State, { name, location, tags }: ResourceGroup): JsonObject {
  return {
    id: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
    name,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    tags: { ...tags },
    properties: { provisioningState: 'Succeeded' }
  }
}
