import type { Handler, Parameters, SandboxRequest, SandboxResponse, Service } from './http.js'

/** Finds the handler and calls it. Whatever goes wrong becomes an answer in the service's own format. */
export async function dispatch(service: Service, request: SandboxRequest): Promise<SandboxResponse> {
  try {
    const match = matchRoute(service, request.method, request.path)
    return match === undefined ? service.unknown(request) : await match.handler(request, match.parameters)
  } catch (error) {
    // A path that cannot be decoded names nothing.
    return error instanceof URIError ? service.unknown(request) : service.failed(error, request)
  }
}

/** The handler of the first route that fits, with its decoded parameters; undefined where none does. Throws URIError on a broken `%` escape. */
export function matchRoute(
  service: Service,
  method: string,
  path: string
): { handler: Handler; parameters: Parameters } | undefined {
  for (const route of service.routes) {
    if (route.method !== method) continue
    const match = route.pattern.exec(path)
    if (match?.[0] === path) return { handler: route.handler, parameters: decodeGroups(match.groups ?? {}) }
  }
  return undefined
}

/** A group that took no part in the match is left out, whatever its type says. */
function decodeGroups(groups: Readonly<Record<string, string | undefined>>): Parameters {
  return Object.fromEntries(
    Object.entries(groups).flatMap(([name, value]) => (value === undefined ? [] : [[name, decodeURIComponent(value)]]))
  )
}
