import type { SandboxResponse } from '../http.js'

export interface StatusCause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

export interface StatusDetails {
  readonly name?: string
  readonly kind?: string
  readonly uid?: string
  readonly group?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** A refusal that becomes a `Status` object (Kubernetes API conventions, Response Status Kind). */
export class StatusError extends Error {
  constructor(readonly code: number, readonly reason: string, message: string, readonly details: StatusDetails = {}) {
    super(message)
  }
}

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message)

export const notFound = (plural: string, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${plural} "${name}" not found`, { name, kind: plural })

export const alreadyExists = (plural: string, name: string): StatusError =>
  new StatusError(409, 'AlreadyExists', `${plural} "${name}" already exists`, { name, kind: plural })

export const conflict = (plural: string, name: string, why: string): StatusError =>
  new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${plural} "${name}": ${why}`, { name, kind: plural })

export const forbidden = (plural: string, name: string, why: string): StatusError =>
  new StatusError(403, 'Forbidden', `${plural} "${name}" is forbidden: ${why}`, { name, kind: plural })

/** An object whose fields break rules: every broken one is a cause. */
export function invalid(kind: string, name: string, causes: readonly StatusCause[], group = ''): StatusError {
  const reasons = causes.map(cause => `${cause.field}: ${cause.message}`)
  const list = reasons.length === 1 ? reasons.join('') : `[${reasons.join(', ')}]`
  const qualified = group === '' ? kind : `${kind}.${group}`
  return new StatusError(422, 'Invalid', `${qualified} "${name}" is invalid: ${list}`, { name, ...(group === '' ? {} : { group }), kind, causes })
}

/** The answer for a refusal. */
export function statusResponse({ code, reason, message, details }: StatusError): SandboxResponse {
  const empty = Object.keys(details).length === 0
  return {
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...(empty ? {} : { details }), code }
  }
}
