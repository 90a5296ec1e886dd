import { createHash } from 'node:crypto'
import type { Parameters, SandboxResponse } from '../server/http.js'
import {
  installWorkloadIdentityWebhook,
  removeWorkloadIdentityWebhook
} from '../kubernetes/workload-identity-webhook.js'
import { objectAt, valueAt, type JsonObject } from '../json.js'
import type { ManagedCluster } from './resources.js'
import type { State } from '../state.js'
import { json, listing } from './responses.js'
import { readBody, readTags } from './request.js'
import { kubeconfig } from '../kubeconfig.js'
import { badRequest, resourceNotFound } from './errors.js'
import { isReadable } from './access.js'
import { isWithin, subscriptionOf } from './ids.js'
import { type ArmCall, type ArmRoute, path } from './gateway.js'

const provider = 'providers/Microsoft\\.ContainerService/managedClusters'

/**
 * Routes of AKS clusters: a client can read them, and enable the OIDC issuer and workload identity. A test can add
 * other clusters to the state. The content type of the responses has no charset (recorded).
 */
export function managedClusterRoutes(state: State): ArmRoute[] {
  const list = ({ subscription = '', group }: Parameters): JsonObject[] =>
    [...state.managedClusters.values()]
      .filter(({ id }) => isWithin(id, `/subscriptions/${subscription}`))
      .filter(cluster => group === undefined || cluster.resourceGroup.toLowerCase() === group.toLowerCase())
      .filter(({ id }) => isReadable(state, 'Microsoft.ContainerService/managedClusters', id))
      .map(cluster => clusterJson(state, cluster))
  const one = path(`subscriptions/(?<subscription>[^/]+)/resourcegroups/(?<group>[^/]+)/${provider}/(?<cluster>[^/]+)`)
  const find = ({ parameters: { subscription = '', group = '', cluster = '' } }: ArmCall): ManagedCluster => {
    const found = [...state.managedClusters.values()].find(
      candidate =>
        isWithin(candidate.id, `/subscriptions/${subscription}`) &&
        candidate.name.toLowerCase() === cluster.toLowerCase() &&
        candidate.resourceGroup.toLowerCase() === group.toLowerCase()
    )
    if (found === undefined) throw resourceNotFound('Microsoft.ContainerService/managedClusters', cluster, group)
    return found
  }
  const respond = (cluster: ManagedCluster): SandboxResponse =>
    json(200, clusterJson(state, cluster), { 'content-type': 'application/json' })
  return [
    {
      method: 'GET',
      type: 'managedClusters',
      pattern: path(`subscriptions/(?<subscription>[^/]+)/${provider}`),
      handler: ({ request, parameters }) => listing(request, list(parameters))
    },
    {
      method: 'GET',
      type: 'managedClusters',
      pattern: path(`subscriptions/(?<subscription>[^/]+)/resourcegroups/(?<group>[^/]+)/${provider}`),
      handler: ({ request, parameters }) => listing(request, list(parameters))
    },
    { method: 'GET', type: 'managedClusters', pattern: one, handler: call => respond(find(call)) },
    ...['listClusterUserCredential', 'listClusterAdminCredential'].map((operation): ArmRoute => ({
      method: 'POST',
      type: 'managedClusters',
      pattern: path(
        `subscriptions/(?<subscription>[^/]+)/resourcegroups/(?<group>[^/]+)/${provider}/(?<cluster>[^/]+)/${operation}`
      ),
      handler: call => credentials(state, find(call))
    })),
    {
      method: 'PUT',
      type: 'managedClusters',
      pattern: one,
      handler: call => {
        const cluster = find(call)
        update(state, cluster, readBody(call.request))
        return respond(cluster)
      }
    },
    {
      method: 'PATCH',
      type: 'managedClusters',
      pattern: one,
      handler: call => {
        const cluster = find(call)
        cluster.tags = readTags(readBody(call.request))
        return respond(cluster)
      }
    }
  ]
}

/**
 * Applies a PUT: `az aks update` reads the whole cluster, changes it and writes it back. Workload identity installs or
 * removes the azure-workload-identity webhook in the cluster. The OIDC issuer cannot be disabled (AKS-Construction
 * issue 531).
 */
function update(state: State, cluster: ManagedCluster, body: JsonObject): void {
  const properties = objectAt(body, 'properties')
  const oidcIssuerEnabled = valueAt(properties, 'oidcIssuerProfile', 'enabled') ?? cluster.oidcIssuerEnabled
  const workloadIdentityEnabled =
    valueAt(properties, 'securityProfile', 'workloadIdentity', 'enabled') ?? cluster.workloadIdentityEnabled
  if (cluster.oidcIssuerEnabled && oidcIssuerEnabled !== true) {
    throw badRequest('OIDC issuer feature cannot be disabled.', 'OIDCIssuerFeatureCannotBeDisabled')
  }
  // az refuses this itself, so the real message is unknown.
  if (workloadIdentityEnabled === true && oidcIssuerEnabled !== true)
    throw badRequest('Workload identity needs the OIDC issuer to be enabled.')
  const isSandboxCluster = cluster.name === state.cluster.name
  const issuerUrl = isSandboxCluster
    ? state.cluster.issuer
    : `https://${cluster.location}.oic.prod-aks.azure.com/${state.tenantId}/${state.uuid()}/`
  cluster.tags = readTags(body)
  cluster.oidcIssuerEnabled = oidcIssuerEnabled === true
  if (cluster.oidcIssuerEnabled) cluster.issuerUrl ??= issuerUrl
  cluster.workloadIdentityEnabled = workloadIdentityEnabled === true
  if (isSandboxCluster)
    (cluster.workloadIdentityEnabled ? installWorkloadIdentityWebhook : removeWorkloadIdentityWebhook)(state)
}

/**
 * Returns a cluster as ARM shows it. The issuer's URL and the workload identity block are present only if they are
 * enabled (recorded).
 */
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
    id: `/subscriptions/${subscriptionOf(cluster.id) ?? state.subscriptionId}/resourcegroups/${cluster.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`,
    location,
    ...(Object.keys(tags).length === 0 ? {} : { tags: { ...tags } }),
    name,
    type: 'Microsoft.ContainerService/ManagedClusters',
    properties: {
      provisioningState: 'Succeeded',
      powerState: { code: 'Running' },
      kubernetesVersion,
      currentKubernetesVersion: kubernetesVersion,
      agentPoolProfiles: [agentPool(kubernetesVersion)],
      nodeResourceGroup: nodeResourceGroup(cluster),
      enableRBAC: true,
      securityProfile: workloadIdentityEnabled ? { workloadIdentity: { enabled: true } } : {},
      oidcIssuerProfile:
        oidcIssuerEnabled && issuerUrl !== undefined ? { enabled: true, issuerURL: issuerUrl } : { enabled: false },
      ...kubeletProfile(state, cluster),
      ...otherProperties
    },
    identity: identityJson(state, cluster),
    sku: { name: 'Base', tier: 'Free' }
  }
}

/** Returns the only agent pool of a cluster (recorded). `az aks update` refuses a cluster without one. */
function agentPool(kubernetesVersion: string): JsonObject {
  return {
    name: 'nodepool1',
    count: 1,
    vmSize: 'Standard_DS2_v2',
    osDiskSizeGB: 128,
    osDiskType: 'Managed',
    kubeletDiskType: 'OS',
    maxPods: 110,
    type: 'VirtualMachineScaleSets',
    enableAutoScaling: false,
    provisioningState: 'Succeeded',
    powerState: { code: 'Running' },
    orchestratorVersion: kubernetesVersion,
    currentOrchestratorVersion: kubernetesVersion,
    enableNodePublicIP: false,
    mode: 'System',
    osType: 'Linux',
    osSKU: 'Ubuntu'
  }
}

/** Returns the kubeconfig of a cluster, as `az aks get-credentials` merges it. Only the sandbox's own cluster has an API server. */
function credentials(state: State, cluster: ManagedCluster): SandboxResponse {
  if (cluster.name !== state.cluster.name)
    throw badRequest('The sandbox runs no API server for this cluster.', 'ControlPlaneNotFound')
  const value = Buffer.from(kubeconfig(state, state.caPem)).toString('base64')
  return json(200, { kubeconfigs: [{ name: 'clusterUser', value }] })
}

/** Returns the name of the resource group with the nodes of a cluster. */
export function nodeResourceGroup({ resourceGroup, name, location }: ManagedCluster): string {
  return `MC_${resourceGroup}_${name}_${location}`
}

/** Returns the identity of the control plane (AKS REST reference, managedClusters). */
function identityJson(state: State, cluster: ManagedCluster): JsonObject {
  const { controlPlaneIdentity } = cluster
  if (controlPlaneIdentity === undefined)
    return { type: 'SystemAssigned', principalId: principalOf(cluster), tenantId: state.tenantId }
  return {
    type: 'UserAssigned',
    userAssignedIdentities: { [controlPlaneIdentity]: idsOf(state, controlPlaneIdentity) }
  }
}

/**
 * Returns the identity of the nodes (AKS REST reference, `identityProfile`). AKS creates one in the node resource group if the user gives none. That one
 * is not in the state, but `az aks update` refuses a cluster without one.
 */
function kubeletProfile(state: State, cluster: ManagedCluster): JsonObject {
  const { kubeletIdentity, name } = cluster
  if (kubeletIdentity === undefined) {
    const resourceId = `/subscriptions/${subscriptionOf(cluster.id) ?? ''}/resourcegroups/${nodeResourceGroup(cluster)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}-agentpool`
    const [clientId, objectId] = ['client', 'principal'].map(kind => guidOf(`${resourceId} ${kind}`))
    return { identityProfile: { kubeletidentity: { resourceId, clientId: clientId ?? '', objectId: objectId ?? '' } } }
  }
  const { clientId = null, principalId = null } = idsOf(state, kubeletIdentity)
  return { identityProfile: { kubeletidentity: { resourceId: kubeletIdentity, clientId, objectId: principalId } } }
}

function idsOf(state: State, identityId: string): JsonObject {
  const identity = state.managedIdentities.get(identityId.toLowerCase())
  return identity === undefined ? {} : { clientId: identity.clientId, principalId: identity.principalId }
}

/**
 * Returns a GUID for the cluster's own identity, always the same one. The identity itself does not exist in the state.
 */
function principalOf({ id }: ManagedCluster): string {
  return guidOf(id)
}

function guidOf(text: string): string {
  const hex = createHash('sha256').update(text.toLowerCase()).digest('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
