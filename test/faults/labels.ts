import type { SandboxRequest } from '../../sandbox/src/server/http.js'

const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi

/** Returns a label for a request that is the same in every run, without the IDs in the request. */
export function labelOf({ method, path, query, body }: SandboxRequest, service: string): string {
  const parameters =
    service === 'entra' && method === 'POST'
      ? `for ${new URLSearchParams(body.toString()).get('scope')?.replace(/:\d+/, '') ?? ''}`
      : [...query.keys()].join()
  const decodedPath = decodeURIComponent(path)
  const filter = (query.get('$filter') ?? '').replace(/'[^']*'/g, '…')
  return [service, method, decodedPath, parameters, filter]
    .join(' ')
    .trimEnd()
    .replace(guid, '{id}')
    .replace(/'[^']*'/g, '{name}')
    .replace(/(federatedIdentityCredentials\/)[^/ ]+/, '$1{name}')
}

/** Returns a function that numbers the requests with the same label. */
export function createCounter(): (label: string) => string {
  const counts = new Map<string, number>()
  return label => {
    const count = (counts.get(label) ?? 0) + 1
    counts.set(label, count)
    return count === 1 ? label : `${label} #${count}`
  }
}
