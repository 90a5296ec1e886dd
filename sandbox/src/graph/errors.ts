import type { SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'

/** An error response of Graph. The codes and messages are Graph's own. */
export class GraphError extends Error {
  override readonly name = 'GraphError'

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {}
  ) {
    super(message)
  }
}

/** A 400 `Request_BadRequest`: the directory refuses a value. */
export function badRequest(message: string): GraphError {
  return new GraphError(400, 'Request_BadRequest', message)
}

/** A 400 `BadRequest`: the OData layer in front of the directory does not understand the request. */
export function malformed(message: string): GraphError {
  return new GraphError(400, 'BadRequest', message)
}

/** A 400 `Request_UnsupportedQuery`: the query is well-formed but not supported. */
export function unsupportedQuery(message: string): GraphError {
  return new GraphError(400, 'Request_UnsupportedQuery', message)
}

/** A 404 for an object that does not exist or was deleted (recorded). */
export function notFound(id: string): GraphError {
  return new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`
  )
}

/** A 403 for a caller without permission (recorded). */
export function requestDenied(): GraphError {
  return new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')
}

/**
 * Returns the response for an error: plain `application/json`, and a date without a time zone in `innerError`
 * (recorded).
 */
export function errorResponse(
  state: Pick<State, 'now' | 'uuid'>,
  error: unknown,
  request: SandboxRequest
): SandboxResponse {
  const known =
    error instanceof GraphError
      ? error
      : new GraphError(
          500,
          'InternalServerError',
          `The sandbox failed: ${error instanceof Error ? error.message : String(error)}`
        )
  const requestId = state.uuid()
  const clientRequestId = request.headers['client-request-id'] ?? requestId
  return {
    status: known.status,
    headers: {
      'content-type': 'application/json',
      'request-id': requestId,
      'client-request-id': clientRequestId,
      'x-ms-resource-unit': '1',
      ...known.headers
    },
    body: {
      error: {
        code: known.code,
        message: known.message,
        innerError: {
          date: state.now().toISOString().slice(0, 19),
          'request-id': requestId,
          'client-request-id': clientRequestId
        }
      }
    }
  }
}
