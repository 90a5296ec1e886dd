import { ArmError, errorAnswer as armAnswer } from '../arm/errors.js'
import { EntraError, errorResponse as entraAnswer } from '../entra/errors.js'
import { errorAnswer as graphAnswer, GraphError } from '../graph/errors.js'
import { StatusError, statusResponse } from '../kubernetes/status-error.js'
import type { SandboxRequest, SandboxResponse, Service } from '../server/http.js'
import type { State } from '../state.js'
import { usualError } from './usual-errors.js'

export interface ErrorToAnswer {
  readonly status: number
  /** In place of what the service usually says with that status. */
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** An error as the service itself would answer it. */
export function errorAnswer(
  state: Pick<State, 'now' | 'subscriptionId' | 'uuid'>,
  service: Service['name'],
  request: SandboxRequest,
  error: ErrorToAnswer
): SandboxResponse {
  const { status, headers } = error
  const usual = usualError(service, status, state.subscriptionId)
  const code = error.code ?? usual.code
  const message = error.message ?? usual.message
  switch (service) {
    case 'graph':
      return graphAnswer(state, new GraphError(status, code, message, headers), request)
    case 'arm':
      return armAnswer(new ArmError(status, code, message, headers))
    case 'kubernetes':
      return { ...statusResponse(new StatusError(status, code, message, detailsOf(headers))), headers }
    case 'issuer':
      return { status, headers, body: { code, message } }
    case 'entra':
      return entra(state, request, status, code, message, headers)
  }
}

/** A code with a number is Entra's own, `AADSTS90033` or `90033`; any other is OAuth's name of the error. */
function entra(
  state: Pick<State, 'now' | 'uuid'>,
  request: SandboxRequest,
  status: number,
  code: string,
  message: string,
  headers: ErrorToAnswer['headers']
): SandboxResponse {
  const [, number] = /^(?:AADSTS)?(\d+)$/i.exec(code) ?? []
  const answer = entraAnswer(new EntraError(Number(number ?? 50000), 'invalid_request', message), request, state)
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

function detailsOf(headers: ErrorToAnswer['headers']): { retryAfterSeconds?: number } {
  const seconds = Number(headers['retry-after'])
  return Number.isInteger(seconds) ? { retryAfterSeconds: seconds } : {}
}
