import { ArmError, errorResponse as armResponse } from '../arm/errors.js'
import { EntraError, errorResponse as entraResponse } from '../entra/errors.js'
import { errorResponse as graphResponse, GraphError } from '../graph/errors.js'
import { StatusError, statusResponse } from '../kubernetes/status-error.js'
import type { SandboxRequest, SandboxResponse, Service } from '../server/http.js'
import type { State } from '../state.js'
import { usualError } from './usual-errors.js'

/** An error that a fault injects. */
export interface InjectedError {
  readonly status: number
  /** Replaces the error code that the service usually has for the status. */
  readonly code?: string | undefined
  /** Replaces the message that the service usually has for the status. */
  readonly message?: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** Returns an error response in the format of the service. */
export function injectedErrorResponse(
  state: Pick<State, 'now' | 'subscriptionId' | 'uuid'>,
  service: Service['name'],
  request: SandboxRequest,
  error: InjectedError
): SandboxResponse {
  const { status, headers } = error
  const usual = usualError(service, status, state.subscriptionId)
  const code = error.code ?? usual.code
  const message = error.message ?? usual.message
  switch (service) {
    case 'graph':
      return graphResponse(state, new GraphError(status, code, message, headers), request)
    case 'arm':
      return armResponse(new ArmError(status, code, message, headers))
    case 'kubernetes':
      return { ...statusResponse(new StatusError(status, code, message, detailsOf(headers))), headers }
    case 'issuer':
      return { status, headers, body: { code, message } }
    case 'entra':
      return entra(state, request, status, code, message, headers)
  }
}

/**
 * Returns an error of Entra's token endpoint. A code with a number, `AADSTS90033` or `90033`, is Entra's own; any other
 * code is an OAuth error.
 */
function entra(
  state: Pick<State, 'now' | 'uuid'>,
  request: SandboxRequest,
  status: number,
  code: string,
  message: string,
  headers: InjectedError['headers']
): SandboxResponse {
  const [, number] = /^(?:AADSTS)?(\d+)$/i.exec(code) ?? []
  const answer = entraResponse(new EntraError(Number(number ?? 50000), 'invalid_request', message), request, state)
  const name =
    number === undefined
      ? code
      : status >= 500 || status === 429
        ? 'temporarily_unavailable'
        : status === 401
          ? 'invalid_client'
          : 'invalid_request'
  return { status, headers: { ...answer.headers, ...headers }, body: { ...(answer.body as object), error: name } }
}

function detailsOf(headers: InjectedError['headers']): { retryAfterSeconds?: number } {
  const seconds = Number(headers['retry-after'])
  return Number.isInteger(seconds) ? { retryAfterSeconds: seconds } : {}
}
