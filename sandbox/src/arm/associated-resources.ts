import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { isReadable } from './access.js'
import { ArmError, badRequest } from './errors.js'
import { type ArmRoute, path } from './gateway.js'
import { resourceGroupOf, sameId, subscriptionOf } from './ids.js'
import { nodeResourceGroup } from './managed-clusters.js'
import { identityOf, identityPath } from './managed-identities.js'
import { listing } from './responses.js'

/** The API versions with the operation. 2023-01-31 removed it (azure-sdk-for-net #34040). */
const versions = ['2021-09-30-preview', '2022-01-31-preview']

/** Options that the operation has, and the sandbox does not. */
const unsupportedOptions = ['$filter', '$orderby', '$skip']

/**
 * The route of `listAssociatedResources`: the resources that a user-assigned identity is assigned to. Azure takes them
 * from its index of resources, so the answer contains only those that the caller may read (azure-rest-api-specs,
 * IdentityListAssociatedResources: the page token is one of that index).
 */
export function associatedResourceRoutes(state: State): ArmRoute[] {
  return [
    {
      method: 'POST',
      type: 'userAssignedIdentities',
      pattern: path(`${identityPath}/listAssociatedResources`),
      handler: ({ request, parameters }) => {
        const version = request.query.get('api-version') ?? ''
        // How Azure refuses the operation in the versions without it is unknown.
        if (!versions.includes(version.toLowerCase()))
          throw new ArmError(404, 'NotFound', `There is no listAssociatedResources in the API version '${version}'.`)
        const unsupported = unsupportedOptions.find(option => request.query.has(option))
        if (unsupported !== undefined) throw badRequest(`The sandbox does not support the option ${unsupported} here.`)
        const { id } = identityOf(state, parameters)
        const users = usersOf(state, id).filter(user => isReadable(state, typeOf(user), user))
        const answer = listing(
          request,
          users.map(user => resourceJson(state, user)),
          pageSize(request.query.get('$top'))
        )
        return { ...answer, body: { totalCount: users.length, ...(answer.body as JsonObject) } }
      }
    }
  ]
}

/** Returns the IDs of the resources that can act as an identity. The nodes of an AKS cluster are a scale set. */
function usersOf(state: State, identityId: string): string[] {
  const uses = (assigned: string | undefined): boolean => assigned !== undefined && sameId(assigned, identityId)
  const resources = [...state.resources.values()].filter(({ userAssignedIdentities }) =>
    userAssignedIdentities.some(uses)
  )
  const clusters = [...state.managedClusters.values()]
  return [
    ...resources.map(({ id }) => id),
    ...clusters.filter(({ controlPlaneIdentity }) => uses(controlPlaneIdentity)).map(({ id }) => id),
    ...clusters
      .filter(({ kubeletIdentity }) => uses(kubeletIdentity))
      .map(
        cluster =>
          `/subscriptions/${subscriptionOf(cluster.id) ?? ''}/resourceGroups/${nodeResourceGroup(cluster)}` +
          '/providers/Microsoft.Compute/virtualMachineScaleSets/aks-nodepool1-vmss'
      )
  ].toSorted()
}

function resourceJson(state: State, id: string): JsonObject {
  const subscriptionId = subscriptionOf(id) ?? ''
  return {
    id,
    name: id.split('/').at(-1) ?? '',
    type: typeOf(id).toLowerCase(),
    resourceGroup: (resourceGroupOf(id) ?? '').toLowerCase(),
    subscriptionId,
    subscriptionDisplayName: state.subscriptions.get(subscriptionId.toLowerCase())?.displayName ?? ''
  }
}

/** Returns the type in a resource ID, such as `Microsoft.Compute/virtualMachines`. */
export function typeOf(id: string): string {
  const [, namespace = '', rest = ''] = /.*\/providers\/([^/]+)\/(.+)$/i.exec(id) ?? []
  return [namespace, ...rest.split('/').filter((_segment, index) => index % 2 === 0)].join('/')
}

function pageSize(top: string | null): number | undefined {
  if (top === null) return undefined
  if (!/^[1-9]\d*$/.test(top)) throw badRequest(`The value '${top}' of $top is not valid.`)
  return Number(top)
}
