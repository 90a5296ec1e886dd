/** Reports whether two resource IDs or scopes are equal. They are case-insensitive. */
export function sameId(one: string, other: string): boolean {
  return canonical(one) === canonical(other)
}

/** Reports whether the resource ID `id` is equal to `ancestor` or below it. Does not know management groups. */
export function isWithin(id: string, ancestor: string): boolean {
  const above = canonical(ancestor)
  return above === '/' || canonical(id) === above || canonical(id).startsWith(`${above}/`)
}

/** Returns the subscription ID in a resource ID. */
export function subscriptionOf(id: string): string | undefined {
  return /^\/+subscriptions\/([^/]+)/i.exec(id)?.[1]
}

/** Returns the name of the resource group in a resource ID, as written there. */
export function resourceGroupOf(id: string): string | undefined {
  return /^\/+subscriptions\/[^/]+\/resourcegroups\/([^/]+)/i.exec(id)?.[1]
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Reports whether a text is a GUID with dashes. */
export function isGuid(text: string): boolean {
  return guid.test(text)
}

/** Returns a GUID without dashes, as in the messages of RBAC (recorded). */
export function withoutDashes(id: string): string {
  return id.replaceAll('-', '')
}

/** Returns an ID or scope in lower case, with one leading slash and without trailing ones. The root is `/`. */
function canonical(id: string): string {
  return `/${id.toLowerCase().replace(/^\/+|\/+$/g, '')}`
}
