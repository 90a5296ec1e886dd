import { type JsonObject, textAt } from '../json.js'
import type { Parameters } from '../server/http.js'
import { isReadable } from './access.js'
import { sameId } from './ids.js'
import type { ResourceGroup } from './resources.js'
import type { State } from '../state.js'
import { json, listing } from './responses.js'
import { readBody, readLocation, readTags } from './request.js'
import { ArmError } from './errors.js'
import { resourceGroupKey } from './resource-group-key.js'
import { findSubscription } from './find-subscription.js'
import { type ArmCall, type ArmRoute, groupNotFound, path } from './gateway.js'

/**
 * Routes of resource groups: list, read, create. Their IDs have `resourceGroups`, the IDs of their resources have
 * `resourcegroups` (recorded).
 */
export function resourceGroupRoutes(state: State): ArmRoute[] {
  const one = path('subscriptions/(?<subscription>[^/]+)/resourcegroups/(?<group>[^/]+)')
  const write = ({ request, parameters }: ArmCall) => {
    const name = parameters.group ?? ''
    const body = readBody(request)
    const location = readLocation(body)
    const { id: subscriptionId } = findSubscription(state, parameters)
    const key = resourceGroupKey(state, subscriptionId, name)
    const existing = state.resourceGroups.get(key)
    if (existing !== undefined && existing.location !== location) {
      throw new ArmError(
        409,
        'InvalidResourceGroupLocation',
        `Invalid resource group location '${location}'. The Resource group already exists in location '${existing.location}'.`
      )
    }
    const group: ResourceGroup = { name: existing?.name ?? name, location, tags: readTags(body), subscriptionId }
    state.resourceGroups.set(key, group)
    return json(existing === undefined ? 201 : 200, groupJson(state, group))
  }
  return [
    {
      method: 'GET',
      type: 'resourceGroups',
      pattern: path('subscriptions/(?<subscription>[^/]+)/resourcegroups'),
      handler: ({ request, parameters }) => {
        const { id } = findSubscription(state, parameters)
        const groups = [...state.resourceGroups.values()]
          .filter(({ subscriptionId = state.subscriptionId }) => sameId(subscriptionId, id))
          .map(group => groupJson(state, group))
        return listing(
          request,
          groups.filter(group =>
            isReadable(state, 'Microsoft.Resources/subscriptions/resourcegroups', textAt(group, 'id'))
          )
        )
      }
    },
    {
      method: 'GET',
      type: 'resourceGroups',
      pattern: one,
      handler: ({ parameters }) => json(200, groupJson(state, findGroup(state, parameters)))
    },
    { method: 'PUT', type: 'resourceGroups', pattern: one, handler: write }
  ]
}

/** Returns the resource group that a path names. Throws a 404 if it does not exist. */
export function findGroup(state: State, parameters: Parameters): ResourceGroup {
  const { group: name = '' } = parameters
  const group = state.resourceGroups.get(resourceGroupKey(state, findSubscription(state, parameters).id, name))
  if (group === undefined) throw groupNotFound(name)
  return group
}

function groupJson(
  state: State,
  { name, location, tags, subscriptionId = state.subscriptionId }: ResourceGroup
): JsonObject {
  return {
    id: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
    name,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    tags: { ...tags },
    properties: { provisioningState: 'Succeeded' }
  }
}
