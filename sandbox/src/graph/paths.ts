import type { Parameters, SandboxRequest } from '../server/http.js'
import { badRequest, malformed } from './errors.js'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** How a path names an object of a collection: by its ID or by an alternate key. */
export interface Reference {
  /** The name of the alternate key. Undefined if the value is the ID. */
  readonly key: string | undefined
  readonly value: string
}

/** Returns a route pattern for a path below `/v1.0`. Paths in Graph are case-insensitive. */
export function path(...parts: string[]): RegExp {
  return new RegExp(`^/v1\\.0/${parts.join('')}$`, 'i')
}

/** Returns a route pattern for a path below `/v1.0` or `/beta`. */
export function anyVersionPath(...parts: string[]): RegExp {
  return new RegExp(`^/(?:v1\\.0|beta)/${parts.join('')}$`, 'i')
}

/** Reports whether the path of a request is below `/beta`. */
export function isBeta({ path: requested }: Pick<SandboxRequest, 'path'>): boolean {
  return /^\/beta\//i.test(requested)
}

/**
 * Returns the part of a pattern that matches the name of an object: `/{id}` or `(key='value')`, percent-encoded or not.
 * `reference` reads it.
 */
export function item(name: string): string {
  const quote = "(?:'|%27)"
  return `(?:/(?<${name}Id>[^/()]+)|(?:\\(|%28)(?:(?<${name}Key>[a-z]+)(?:=|%3D))?${quote}(?<${name}Value>[^/]+)${quote}(?:\\)|%29))`
}

/** Returns what `item(name)` matched. Throws a 400 for a key that is not in `keys`. */
export function reference(parameters: Parameters, name: string, keys: readonly string[]): Reference {
  const key = parameters[`${name}Key`]
  const value = parameters[`${name}Id`] ?? parameters[`${name}Value`]?.replaceAll("''", "'")
  if (value === undefined) throw new Error(`The route has no item named ${name}.`)
  if (key === undefined) return { key, value }
  const known = keys.find(candidate => candidate.toLowerCase() === key.toLowerCase())
  if (known === undefined) throw malformed(`Resource not found for the segment '${key}'.`)
  return { key: known, value }
}

/** Returns an ID in lower case, as the maps of the state use it. Throws a 400 if it is not a GUID. */
export function objectId(value: string): string {
  if (!guid.test(value)) throw badRequest(`Invalid object identifier '${value}'.`)
  return value.toLowerCase()
}
