import type { SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'

/** The OAuth 2.0 errors (RFC 6749, 5.2), and those that Entra adds. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_resource'
  | 'invalid_tenant'

/** An error response of Entra with an AADSTS code. */
export class EntraError extends Error {
  constructor(
    readonly code: number,
    readonly error: OAuthError,
    message: string
  ) {
    super(`AADSTS${code}: ${message}`)
  }

  /** 401 if the client cannot authenticate, otherwise 400 (recorded). */
  get status(): number {
    return this.error === 'invalid_client' ? 401 : 400
  }
}

/** The error for a missing parameter. */
export function missingParameter(name: string): EntraError {
  return new EntraError(900144, 'invalid_request', `The request body must contain the following parameter: '${name}'.`)
}

/**
 * Returns the response of the token endpoint for an error. The trace ID in the body is also the request ID in the
 * header.
 */
export function errorResponse(
  error: EntraError,
  request: SandboxRequest,
  state: Pick<State, 'now' | 'uuid'>
): SandboxResponse {
  const traceId = state.uuid()
  const correlation = correlationId(request) ?? state.uuid()
  const timestamp = state
    .now()
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d{3}Z$/, 'Z')
  return {
    status: error.status,
    headers: { ...noStore, 'x-ms-request-id': traceId },
    body: {
      error: error.error,
      error_description: `${error.message} Trace ID: ${traceId} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [error.code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlation,
      error_uri: `${request.origin}/error?code=${error.code}`
    }
  }
}

/** The headers of all responses of the token endpoint (recorded). */
export const noStore = {
  'cache-control': 'no-store, no-cache',
  pragma: 'no-cache',
  expires: '-1',
  'x-content-type-options': 'nosniff'
} as const

function correlationId({ headers, query, body }: SandboxRequest): string | undefined {
  const sent =
    headers['client-request-id'] ??
    query.get('client-request-id') ??
    new URLSearchParams(body.toString()).get('client-request-id')
  return sent !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(sent) ? sent : undefined
}
