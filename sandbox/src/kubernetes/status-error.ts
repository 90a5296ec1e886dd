import type { Json } from '../json.js'
import type { SandboxResponse } from '../server/http.js'

/** One error in an object. `field` is the path of the field: `spec.containers[0].name`. */
export interface StatusCause {
  readonly reason: string
  readonly message: string
  readonly field: string
}

/** StatusDetails v1 meta. */
export interface StatusDetails {
  readonly name?: string
  readonly kind?: string
  readonly uid?: string
  readonly group?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/**
 * An error that the API server returns as a `Status` object (Kubernetes API conventions, Response Status Kind). `code`
 * is the HTTP status.
 */
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

/** Returns a 400. */
export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message)

/** The resource that an error is about. */
export interface Resource {
  readonly plural: string
  readonly group: string
}

/** Returns the resource with its group: `pods`, `deployments.apps`. */
export function groupResource({ plural, group }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** Returns a 404. */
export const notFound = (resource: Resource, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${groupResource(resource)} "${name}" not found`, detailsOf(resource, name))

/** Returns a 409 for an object that exists. */
export const alreadyExists = (resource: Resource, name: string): StatusError =>
  new StatusError(
    409,
    'AlreadyExists',
    `${groupResource(resource)} "${name}" already exists`,
    detailsOf(resource, name)
  )

/** Returns a 409 for a precondition that does not hold. */
export const conflict = (resource: Resource, name: string, reason: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${groupResource(resource)} "${name}": ${reason}`,
    detailsOf(resource, name)
  )

/** Returns a 403. The name is empty for a request without a name, such as a list. */
export const forbidden = (resource: Resource, name: string, reason: string): StatusError => {
  const target = name === '' ? groupResource(resource) : `${groupResource(resource)} "${name}"`
  return new StatusError(403, 'Forbidden', `${target} is forbidden: ${reason}`, detailsOf(resource, name))
}

function detailsOf({ plural, group }: Resource, name: string): StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural }
}

/** Returns a 422 for an object with errors. */
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

/** Returns the cause for a required field that is missing. */
export const requiredValue = (field: string, detail = ''): StatusCause => ({
  reason: 'FieldValueRequired',
  field,
  message: `Required value${detail === '' ? '' : `: ${detail}`}`
})

/** Returns the cause for a value that breaks a rule. */
export const invalidValue = (field: string, value: Json, rule: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${rule}`
})

/** Returns the cause for a field that must not be set or changed. */
export const forbiddenField = (field: string, rule: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${rule}`
})

/** Returns the response for an error. */
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
