import { isJsonObject, type Json, type JsonObject } from '../json.js'
import type { SandboxRequest } from '../server/http.js'
import { badRequest, malformed } from './errors.js'

/** The JSON object that a request carries. Anything else, or another content type, is what Graph calls an unreadable payload. */
export function readBody(request: SandboxRequest): JsonObject {
  const contentType = request.headers['content-type'] ?? ''
  if (/^application\/json(;|$)/i.test(contentType)) {
    try {
      const body: unknown = JSON.parse(request.body.toString('utf8'))
      if (isJsonObject(body)) return body
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  }
  throw malformed(
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.'
  )
}

/** Which properties of a resource a client may write, and which it may only read. Everything else does not exist. */
export interface Writable {
  readonly resource: string
  readonly properties: readonly string[]
  readonly readOnly: readonly string[]
}

/** Refuses a body that names a property that is unknown or read-only, so that a misspelt one never passes in silence. */
export function checkNames(body: JsonObject, { properties, readOnly }: Writable): void {
  for (const name of Object.keys(body)) {
    if (name.startsWith('@odata.')) continue
    if (!properties.includes(name)) throw badRequest(`Invalid property '${name}'.`)
    if (readOnly.includes(name)) throw badRequest(`Property '${name}' is read-only and cannot be set.`)
  }
}

/** A string that must be there and not be empty. */
export function requiredString(
  body: JsonObject,
  name: string,
  resource: string,
  maximum = Number.POSITIVE_INFINITY
): string {
  const value = body[name] ?? null
  if (value === null || value === '')
    throw badRequest(`A value is required for property '${name}' of resource '${resource}'.`)
  if (typeof value !== 'string' || value.length > maximum) throw invalidValue(name, resource)
  return value
}

/** A string or null; `undefined` where the body says nothing of it. */
export function optionalString(
  body: JsonObject,
  name: string,
  resource: string,
  maximum = Number.POSITIVE_INFINITY
): string | null | undefined {
  const value = body[name]
  if (value === undefined || value === null) return value
  if (typeof value !== 'string' || value.length > maximum) throw invalidValue(name, resource)
  return value
}

/** A list of strings; `undefined` where the body says nothing of it. */
export function optionalStrings(body: JsonObject, name: string, resource: string): string[] | undefined {
  const value = body[name]
  if (value === undefined) return undefined
  if (!Array.isArray(value) || !value.every(isString)) throw invalidValue(name, resource)
  return value
}

/** What Graph says of a value of the wrong type or length. */
export function invalidValue(name: string, resource: string): Error {
  return badRequest(`Invalid value specified for property '${name}' of resource '${resource}'.`)
}

function isString(value: Json): value is string {
  return typeof value === 'string'
}

/** True for a PATCH that may create: `Prefer: create-if-missing` (Graph reference, upsert). Without it a PATCH of a missing object is a 404. */
export function createsIfMissing(request: SandboxRequest): boolean {
  const preferences = (request.headers.prefer ?? '').split(',').map(preference => preference.trim().toLowerCase())
  return preferences.includes('create-if-missing')
}
