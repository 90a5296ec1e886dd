import { createHash } from 'node:crypto'
import type { SandboxResponse } from '../server/http.js'
import {
  installWorkloadIdentityWebhook,
  removeWorkloadIdentityWebhook
} from '../kubernetes/workload-identity-webhook.js'
import { objectAt, valueAt, type JsonObject } from '../json.js'
import type { ManagedCluster } from './resources.js'
import type { State } from '../state.js'
import { json, listing } from './responses.js'
import { readBody, readTags } from './request.js'
import { badRequest, resourceNotFound } from './errors.js'
import { type ArmCall, type ArmRoute, path } from './gateway.js'

const provider = 'providers/Microsoft\\.ContainerService/managedClusters'

/**
 * AKS clusters: where the issuer is, and whether workload identity is on, to be read and turned on. Whoever needs another one than the sandbox's
 * own puts it into the world. The provider names no charset in its answers (recorded).
 */
export function managedClusterRoutes(state: State): ArmRoute[] {
  const list = (group?: string): JsonObject[] =>
    [...state.managedClusters.values()]
      .filter(cluster => group === undefined || cluster.resourceGroup.toLowerCase() === group.toLowerCase())
      .map(cluster => clusterJson(state, cluster))
  const one = path(`subscriptions/[^/]+/resourcegroups/(?<group>[^/]+)/${provider}/(?<cluster>[^/]+)`)
  const find = ({ parameters: { group = '', cluster = '' } }: ArmCall): ManagedCluster => {
    const found = [...state.managedClusters.values()].find(
      candidate =>
        candidate.name.toLowerCase() === cluster.toLowerCase() &&
        candidate.resourceGroup.toLowerCase() === group.toLowerCase()
    )
    if (found === undefined) throw resourceNotFound('Microsoft.ContainerService/managedClusters', cluster, group)
    return found
  }
  const answer = (cluster: ManagedCluster): SandboxResponse =>
    json(200, clusterJson(state, cluster), { 'content-type': 'application/json' })
  return [
    {
      method: 'GET',
      type: 'managedClusters',
      pattern: path(`subscriptions/[^/]+/${provider}`),
      handler: ({ request }) => listing(request, list())
    },
    {
      method: 'GET',
      type: 'managedClusters',
      pattern: path(`subscriptions/[^/]+/resourcegroups/(?<group>[^/]+)/${provider}`),
      handler: ({ request, parameters }) => listing(request, list(parameters.group))
    },
    { method: 'GET', type: 'managedClusters', pattern: one, handler: call => answer(find(call)) },
    {
      method: 'PUT',
      type: 'managedClusters',
      pattern: one,
      handler: call => {
        const cluster = find(call)
        update(state, cluster, readBody(call.request))
        return answer(cluster)
      }
    },
    {
      method: 'PATCH',
      type: 'managedClusters',
      pattern: one,
      handler: call => {
        const cluster = find(call)
        cluster.tags = readTags(readBody(call.request))
        return answer(cluster)
      }
    }
  ]
}

/**
 * What a PUT of the whole cluster changes: `az aks update` reads it, sets what its flags say, and writes it back. Workload identity brings Azure's
 * webhook into the cluster, or takes it away. The issuer stays once it is on (AKS-Construction issue 531).
 */
function update(state: State, cluster: ManagedCluster, body: JsonObject): void {
  const properties = objectAt(body, 'properties')
  const oidcIssuerEnabled = valueAt(properties, 'oidcIssuerProfile', 'enabled') ?? cluster.oidcIssuerEnabled
  const workloadIdentityEnabled =
    valueAt(properties, 'securityProfile', 'workloadIdentity', 'enabled') ?? cluster.workloadIdentityEnabled
  if (cluster.oidcIssuerEnabled && oidcIssuerEnabled !== true) {
    throw badRequest('OIDC issuer feature cannot be disabled.', 'OIDCIssuerFeatureCannotBeDisabled')
  }
  // az refuses this itself; the words of the provider are not known.
  if (workloadIdentityEnabled === true && oidcIssuerEnabled !== true)
    throw badRequest('Workload identity needs the OIDC issuer to be enabled.')
  const isOwn = cluster.name === state.cluster.name
  const issuerUrl = isOwn
    ? state.cluster.issuer
    : `https://${cluster.location}.oic.prod-aks.azure.com/${state.tenantId}/${state.uuid()}/`
  cluster.tags = readTags(body)
  cluster.oidcIssuerEnabled = oidcIssuerEnabled === true
  if (cluster.oidcIssuerEnabled) cluster.issuerUrl ??= issuerUrl
  cluster.workloadIdentityEnabled = workloadIdentityEnabled === true
  if (isOwn) (cluster.workloadIdentityEnabled ? installWorkloadIdentityWebhook : removeWorkloadIdentityWebhook)(state)
}

/** The issuer's address is there only while the issuer is on; so is the workload identity block (recorded). */
function clusterJson(state: State, cluster: ManagedCluster): JsonObject {
  const {
    name,
    location,
    tags,
    kubernetesVersion,
    oidcIssuerEnabled,
    issuerUrl,
    workloadIdentityEnabled,
    otherProperties
  } = cluster
  return {
    id: `/subscriptions/${state.subscriptionId}/resourcegroups/${cluster.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`,
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
      oidcIssuerProfile:
        oidcIssuerEnabled && issuerUrl !== undefined ? { enabled: true, issuerURL: issuerUrl } : { enabled: false },
      ...otherProperties
    },
    identity: { type: 'SystemAssigned', principalId: principalOf(cluster), tenantId: state.tenantId },
    sku: { name: 'Base', tier: 'Free' }
  }
}

/** The cluster's own identity is no part of the world: any GUID will do that stays the same. */
function principalOf({ id }: ManagedCluster): string {
  const hex = createHash('sha256').update(id.toLowerCase()).digest('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
