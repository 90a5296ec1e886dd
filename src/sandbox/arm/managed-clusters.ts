import { createHash } from 'node:crypto'
import type { JsonObject, ManagedCluster, World } from '../world.js'
import { json, listing } from './answers.js'
import { resourceNotFound } from './errors.js'
import { path, type ArmRoute } from './route.js'

const provider = 'providers/Microsoft\\.ContainerService/managedClusters'

/**
 * AKS clusters, to be read: where the issuer is, and whether workload identity is on. Whoever needs one puts it into the world. The provider
 * names no charset in its answers (recorded).
 */
export function managedClusterRoutes(world: World): ArmRoute[] {
  const list = (group?: string): JsonObject[] => [...world.managedClusters.values()]
    .filter(cluster => group === undefined || cluster.resourceGroup.toLowerCase() === group.toLowerCase())
    .map(cluster => clusterJson(world, cluster))
  return [
    {
      method: 'GET', type: 'managedClusters', pattern: path(`subscriptions/[^/]+/${provider}`),
      handler: ({ request }) => listing(request, list())
    },
    {
      method: 'GET', type: 'managedClusters', pattern: path(`subscriptions/[^/]+/resourcegroups/(?<group>[^/]+)/${provider}`),
      handler: ({ request, parameters }) => listing(request, list(parameters.group))
    },
    {
      method: 'GET', type: 'managedClusters', pattern: path(`subscriptions/[^/]+/resourcegroups/(?<group>[^/]+)/${provider}/(?<cluster>[^/]+)`),
      handler: ({ parameters: { group = '', cluster = '' } }) => {
        const found = [...world.managedClusters.values()].find(candidate =>
          candidate.name.toLowerCase() === cluster.toLowerCase() && candidate.resourceGroup.toLowerCase() === group.toLowerCase())
        if (found === undefined) throw resourceNotFound('Microsoft.ContainerService/managedClusters', cluster, group)
        return json(200, clusterJson(world, found), { 'content-type': 'application/json' })
      }
    }
  ]
}

/** The issuer's address is there only while the issuer is on; so is the workload identity block (recorded). */
function clusterJson(world: World, cluster: ManagedCluster): JsonObject {
  const { name, location, tags, kubernetesVersion, oidcIssuerEnabled, issuerUrl, workloadIdentityEnabled, otherProperties } = cluster
  return {
    id: `/subscriptions/${world.subscriptionId}/resourcegroups/${cluster.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`,
    location,
    ...(Object.keys(tags).length === 0 ? {} : { tags: { ...tags } }),
    name,
    type: 'Microsoft.ContainerService/ManagedClusters',
    properties: {
      provisioningState: 'Succeeded',
      powerState: { code: 'Running' },
      kubernetesVersion,
      currentKubernetesVersion: kubernetesVersion,
      nodeResourceGroup: `MC_${cluster.resourceGroup}_${name}_${location}`,
      enableRBAC: true,
      securityProfile: workloadIdentityEnabled ? { workloadIdentity: { enabled: true } } : {},
      oidcIssuerProfile: oidcIssuerEnabled && issuerUrl !== undefined ? { enabled: true, issuerURL: issuerUrl } : { enabled: false },
      ...otherProperties
    },
    identity: { type: 'SystemAssigned', principalId: principalOf(cluster), tenantId: world.tenantId },
    sku: { name: 'Base', tier: 'Free' }
  }
}

/** The cluster's own identity is no part of the world: any GUID will do that stays the same. */
function principalOf({ id }: ManagedCluster): string {
  const hex = createHash('sha256').update(id.toLowerCase()).digest('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
