import type { Handler, Parameters, SandboxRequest, SandboxResponse, Service } from './http.js'

/**
 * Calls the handler of a request. Turns every error into a response in the error format of the service; never rejects.
 */
export async function dispatch(service: Service, request: SandboxRequest): Promise<SandboxResponse> {
  try {
    const match = matchRoute(service, request.method, request.path)
    return match === undefined ? service.unknown(request) : await match.handler(request, match.parameters)
  } catch (error) {
    // A path that cannot be decoded matches no object.
    return error instanceof URIError ? service.unknown(request) : service.failed(error, request)
  }
}

/**
 * Returns the handler of the first matching route and its parameters, or undefined. Throws a URIError for an invalid
 * percent-encoding.
 */
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

/**
 * Decodes the matched groups. Leaves out groups that matched nothing; their value is undefined, although the type of
 * `groups` denies it.
 */
function decodeGroups(groups: Readonly<Record<string, string | undefined>>): Parameters {
  return Object.fromEntries(
    Object.entries(groups).flatMap(([name, value]) => (value === undefined ? [] : [[name, decodeURIComponent(value)]]))
  )
}
