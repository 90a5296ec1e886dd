/** True for two resource ids, or scopes, that are the same. ARM compares them without regard to case. */
export function sameId(one: string, other: string): boolean {
  return canonical(one) === canonical(other)
}

/** True where `scope` is `ancestor` or lies below it. Everything lies below `/`; a subscription's management groups are not known here. */
export function isAtOrBelow(scope: string, ancestor: string): boolean {
  const above = canonical(ancestor)
  return above === '' || canonical(scope) === above || canonical(scope).startsWith(`${above}/`)
}

/** The subscription that an id lies in. */
export function subscriptionOf(id: string): string | undefined {
  return /^\/+subscriptions\/([^/]+)/i.exec(id)?.[1]
}

/** The resource group that an id lies in, or is. */
export function resourceGroupOf(id: string): string | undefined {
  return /^\/+subscriptions\/[^/]+\/resourcegroups\/([^/]+)/i.exec(id)?.[1]
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** True for a GUID with dashes. */
export function isGuid(text: string): boolean {
  return guid.test(text)
}

/** A GUID as RBAC writes it into its messages: without dashes (recorded). */
export function withoutDashes(id: string): string {
  return id.replaceAll('-', '')
}

function canonical(id: string): string {
  return id.toLowerCase().replace(/^\/*/, '/').replace(/\/+$/, '')
}
