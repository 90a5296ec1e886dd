import type { Route, SandboxRequest } from '../http.js'
import { GraphError, malformed } from './errors.js'

/** What Graph says of a path that it does not have (400), of a method that the path does not take (405), and of another version than v1.0 (400). */
export function unknownRoute(routes: readonly Route[], { method, path }: SandboxRequest): GraphError {
  const [, version = '', segment = ''] = path.split('/')
  if (version !== 'v1.0') return malformed(`Invalid version: '${version}'. This sandbox speaks v1.0 only.`)
  if (routes.some(route => route.pattern.test(path))) {
    return new GraphError(
      405,
      'Request_BadRequest',
      `Specified HTTP method is not allowed for the request target: ${method} ${path}.`
    )
  }
  return malformed(`Resource not found for the segment '${segment}': the sandbox has no ${method} ${path}.`)
}
