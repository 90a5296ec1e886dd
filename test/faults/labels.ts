import type { SandboxRequest } from '../../sandbox/src/server/http.js'

const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi

/** Names a request so that it is known again in another run, whatever ids it carries and whatever runs beside it. */
export function labelOf({ method, path, query, body }: SandboxRequest, service: string): string {
  const asked =
    service === 'entra' && method === 'POST'
      ? `for ${new URLSearchParams(body.toString()).get('scope')?.replace(/:\d+/, '') ?? ''}`
      : [...query.keys()].join()
  const named = decodeURIComponent(path)
  const filter = (query.get('$filter') ?? '').replace(/'[^']*'/g, '…')
  return [service, method, named, asked, filter]
    .join(' ')
    .trimEnd()
    .replace(guid, '{id}')
    .replace(/'[^']*'/g, '{name}')
    .replace(/(federatedIdentityCredentials\/)[^/ ]+/, '$1{name}')
}

/** Numbers requests of one label: the first, the second… */
export function createCounter(): (label: string) => string {
  const counts = new Map<string, number>()
  return label => {
    const count = (counts.get(label) ?? 0) + 1
    counts.set(label, count)
    return count === 1 ? label : `${label} #${count}`
  }
}
