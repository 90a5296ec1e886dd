import type { Parameters } from '../server/http.js'
import { badRequest, malformed } from './errors.js'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** How a path names one object of a collection: by id, or by an alternate key. */
export interface Reference {
  /** `undefined` for the id. */
  readonly key: string | undefined
  readonly value: string
}

/** A route pattern for a path below `/v1.0`. Graph reads paths without regard to case. */
export function path(...parts: string[]): RegExp {
  return new RegExp(`^/v1\\.0/${parts.join('')}$`, 'i')
}

/** The part of a pattern that names one object: `/{id}` or `(key='value')`, in any percent-encoding. Read back with `reference`. */
export function item(name: string): string {
  const quote = "(?:'|%27)"
  return `(?:/(?<${name}Id>[^/()]+)|(?:\\(|%28)(?:(?<${name}Key>[a-z]+)(?:=|%3D))?${quote}(?<${name}Value>[^/]+)${quote}(?:\\)|%29))`
}

/** What `item(name)` matched. Refuses a key that the collection does not have. */
export function reference(parameters: Parameters, name: string, keys: readonly string[]): Reference {
  const key = parameters[`${name}Key`]
  const value = parameters[`${name}Id`] ?? parameters[`${name}Value`]?.replaceAll("''", "'")
  if (value === undefined) throw new Error(`The route has no item named ${name}.`)
  if (key === undefined) return { key, value }
  const known = keys.find(candidate => candidate.toLowerCase() === key.toLowerCase())
  if (known === undefined) throw malformed(`Resource not found for the segment '${key}'.`)
  return { key: known, value }
}

/** The same id in the spelling of the maps. Graph refuses one that is no GUID before it looks for anything. */
export function objectId(value: string): string {
  if (!guid.test(value)) throw badRequest(`Invalid object identifier '${value}'.`)
  return value.toLowerCase()
}
