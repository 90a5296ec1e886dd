import type { SandboxResponse } from '../server/http.js'

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
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details: StatusDetails = {}
  ) {
    super(message)
  }
}

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message)

/** What messages need of a kind. */
export interface Resource {
  readonly plural: string
  readonly group: string
}

/** `pods`, `deployments.apps`: the resource with its group, as messages and rights name it. */
export function groupResource({ plural, group }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}

export const notFound = (resource: Resource, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${groupResource(resource)} "${name}" not found`, detailsOf(resource, name))

export const alreadyExists = (resource: Resource, name: string): StatusError =>
  new StatusError(
    409,
    'AlreadyExists',
    `${groupResource(resource)} "${name}" already exists`,
    detailsOf(resource, name)
  )

export const conflict = (resource: Resource, name: string, why: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${groupResource(resource)} "${name}": ${why}`,
    detailsOf(resource, name)
  )

/** Without a name where the request names none. */
export const forbidden = (resource: Resource, name: string, why: string): StatusError => {
  const what = name === '' ? groupResource(resource) : `${groupResource(resource)} "${name}"`
  return new StatusError(403, 'Forbidden', `${what} is forbidden: ${why}`, detailsOf(resource, name))
}

function detailsOf({ plural, group }: Resource, name: string): StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural }
}

/** An object whose fields break rules: every broken one is a cause. */
export function invalid(kind: string, name: string, causes: readonly StatusCause[], group = ''): StatusError {
  const reasons = causes.map(cause => `${cause.field}: ${cause.message}`)
  const list = reasons.length === 1 ? reasons.join('') : `[${reasons.join(', ')}]`
  const qualified = group === '' ? kind : `${kind}.${group}`
  return new StatusError(422, 'Invalid', `${qualified} "${name}" is invalid: ${list}`, {
    name,
    ...(group === '' ? {} : { group }),
    kind,
    causes
  })
}

/** The answer for a refusal. */
export function statusResponse({ code, reason, message, details }: StatusError): SandboxResponse {
  const empty = Object.keys(details).length === 0
  return {
    status: code,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(empty ? {} : { details }),
      code
    }
  }
}
