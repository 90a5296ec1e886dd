import type { SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'

/** What Graph answers instead of a result. Thrown by a handler and worded as Graph words it. */
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

/** 400 `Request_BadRequest`: what the directory says of a value that it does not take. */
export function badRequest(message: string): GraphError {
  return new GraphError(400, 'Request_BadRequest', message)
}

/** 400 `BadRequest`: what the OData layer says of a request that it does not understand, before the directory sees it. */
export function malformed(message: string): GraphError {
  return new GraphError(400, 'BadRequest', message)
}

/** 400 `Request_UnsupportedQuery`: a query that is well-formed and still not answered. */
export function unsupportedQuery(message: string): GraphError {
  return new GraphError(400, 'Request_UnsupportedQuery', message)
}

/** 404 for an object that is not there, or not there any more (recorded). */
export function notFound(id: string): GraphError {
  return new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`
  )
}

/** 403 for a caller without the right (recorded). */
export function requestDenied(): GraphError {
  return new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')
}

/** The error body of Graph: plain `application/json`, and a date without zone in innerError (recorded). */
export function errorAnswer(
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
