/** The parts of the resource ID of a user-assigned managed identity. */
export interface ManagedIdentityReference {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly name: string
}

/** Returns the resource ID: `/subscriptions/…/userAssignedIdentities/<name>`. */
export function managedIdentityId({ subscriptionId, resourceGroup, name }: ManagedIdentityReference): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
}

/** Parses the resource ID of a managed identity, in any letter case. Returns undefined for any other text. */
export function parseManagedIdentityId(id: string): ManagedIdentityReference | undefined {
  const parts =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/([^/]+)$/i.exec(
      id
    )
  const [, subscriptionId, resourceGroup, name] = parts ?? []
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined
  return { subscriptionId: subscriptionId.toLowerCase(), resourceGroup, name }
}

/** Reports whether a text is a GUID as Azure writes it: 32 hexadecimal digits in either case, with hyphens and without braces. */
export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
