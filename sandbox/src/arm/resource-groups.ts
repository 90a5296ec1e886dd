import { type JsonObject, textAt } from '../json.js'
import type { Parameters } from '../server/http.js'
import { isReadable } from './access.js'
import { isWithin, sameId } from './ids.js'
import type { ResourceGroup } from './resources.js'
import type { State } from '../state.js'
import { deleteManagedIdentity } from './managed-identity-write.js'
import { nodeResourceGroup } from './managed-clusters.js'
import { accepted, operationResultRoute } from './operations.js'
import { empty, json, listing } from './responses.js'
import { readBody, readLocation, readTags } from './request.js'
import { ArmError } from './errors.js'
import { resourceGroupKey } from './resource-group-key.js'
import { findSubscription } from './find-subscription.js'
import { type ArmCall, type ArmRoute, groupNotFound, path } from './gateway.js'

/**
 * Routes of resource groups: list, read, create, delete. Their IDs have `resourceGroups`, the IDs of their resources have
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
    {
      method: 'HEAD',
      type: 'resourceGroups',
      pattern: one,
      handler: ({ parameters }) => {
        findGroup(state, parameters)
        return empty(204)
      }
    },
    { method: 'PUT', type: 'resourceGroups', pattern: one, handler: write },
    {
      method: 'DELETE',
      type: 'resourceGroups',
      pattern: one,
      handler: ({ request, parameters }) => {
        const { id: subscriptionId } = findSubscription(state, parameters)
        deleteGroup(state, subscriptionId, findGroup(state, parameters))
        return accepted(state, request, subscriptionId)
      }
    },
    operationResultRoute(state)
  ]
}

/** Deletes a group with all its resources, and the role assignments at the group and below it. The node resource groups of its clusters go too. */
function deleteGroup(state: State, subscriptionId: string, group: ResourceGroup): void {
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${group.name}`
  const isInside = (other: string): boolean => isWithin(other, id)
  for (const cluster of [...state.managedClusters.values()].filter(cluster => isInside(cluster.id))) {
    state.managedClusters.delete(cluster.id.toLowerCase())
    state.resourceGroups.delete(resourceGroupKey(state, subscriptionId, nodeResourceGroup(cluster)))
  }
  for (const identity of [...state.managedIdentities.values()].filter(identity => isInside(identity.id)))
    deleteManagedIdentity(state, identity)
  for (const resource of [...state.resources.values()].filter(resource => isInside(resource.id)))
    state.resources.delete(resource.id.toLowerCase())
  for (const assignment of [...state.roleAssignments.values()].filter(({ scope }) => isInside(scope)))
    state.roleAssignments.delete(assignment.id.toLowerCase())
  state.resourceGroups.delete(resourceGroupKey(state, subscriptionId, group.name))
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
