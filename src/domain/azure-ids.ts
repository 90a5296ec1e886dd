/** The parts of the resource ID of a resource in a resource group. */
interface ResourceReference {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly name: string
}

/** The parts of the resource ID of a user-assigned managed identity. */
export type ManagedIdentityReference = ResourceReference

/** Returns the resource ID: `/subscriptions/…/userAssignedIdentities/<name>`. */
export function managedIdentityId({ subscriptionId, resourceGroup, name }: ManagedIdentityReference): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
}

/** Parses the resource ID of a managed identity, in any letter case. Returns undefined for any other text. */
export function parseManagedIdentityId(id: string): ManagedIdentityReference | undefined {
  return parseResourceId(id, 'Microsoft.ManagedIdentity/userAssignedIdentities')
}

/** The parts of the resource ID of an AKS cluster. */
export type AksClusterReference = ResourceReference

/** Parses the resource ID of an AKS cluster, in any letter case. Returns undefined for any other text. */
export function parseAksClusterId(id: string): AksClusterReference | undefined {
  return parseResourceId(id, 'Microsoft.ContainerService/managedClusters')
}

function parseResourceId(id: string, type: string): ResourceReference | undefined {
  const [, subscriptionId, resourceGroup, provider, name] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/i.exec(id) ?? []
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined
  if (provider?.toLowerCase() !== type.toLowerCase()) return undefined
  return { subscriptionId: subscriptionId.toLowerCase(), resourceGroup, name }
}

/** Reports whether a text is a GUID as Azure writes it: 32 hexadecimal digits in either case, with hyphens and without braces. */
export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
