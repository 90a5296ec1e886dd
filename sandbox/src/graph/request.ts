import { isJsonObject, type Json, type JsonObject } from '../json.js'
import type { SandboxRequest } from '../server/http.js'
import { badRequest, malformed } from './errors.js'

/** Parses the body of a request. Throws a 400 if it is not a JSON object or has another content type. */
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

/** The properties of a resource, and those that a client must not write. */
export interface Writable {
  /** Its name in error messages. */
  readonly resource: string
  readonly properties: readonly string[]
  readonly readOnly: readonly string[]
}

/** Throws a 400 if a body has an unknown or read-only property, for example a misspelt one. */
export function checkNames(body: JsonObject, { properties, readOnly }: Writable): void {
  for (const name of Object.keys(body)) {
    if (name.startsWith('@odata.')) continue
    if (!properties.includes(name)) throw badRequest(`Invalid property '${name}'.`)
    if (readOnly.includes(name)) throw badRequest(`Property '${name}' is read-only and cannot be set.`)
  }
}

/** Returns a required string. Throws a 400 if it is missing, empty, or longer than `maximum` characters. */
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

/** Returns a string or null, or undefined if the body does not have the property. Throws a 400 for anything else. */
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

/** Returns a list of strings, or undefined if the body does not have the property. Throws a 400 for anything else. */
export function optionalStrings(body: JsonObject, name: string, resource: string): string[] | undefined {
  const value = body[name]
  if (value === undefined) return undefined
  if (!Array.isArray(value) || !value.every(isString)) throw invalidValue(name, resource)
  return value
}

/** A 400 for a value of the wrong type or length. */
export function invalidValue(name: string, resource: string): Error {
  return badRequest(`Invalid value specified for property '${name}' of resource '${resource}'.`)
}

function isString(value: Json): value is string {
  return typeof value === 'string'
}

/** Reports whether a PATCH is an upsert: it has the header `Prefer: create-if-missing` (Graph reference, upsert). */
export function createsIfMissing(request: SandboxRequest): boolean {
  const preferences = (request.headers.prefer ?? '').split(',').map(preference => preference.trim().toLowerCase())
  return preferences.includes('create-if-missing')
}
