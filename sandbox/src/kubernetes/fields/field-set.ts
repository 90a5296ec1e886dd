import { isJsonObject, type JsonObject } from '../../json.js'

/**
 * A set of fields of an object. Each path is stored as a key (`pathToKey`), because arrays cannot be compared by value.
 */
export type FieldSet = ReadonlySet<string>

/**
 * The path of a field, with the elements that `fieldsV1` uses: `f:<name>` for a field, `k:<key as JSON>` for an item of
 * a list, and `v:<value as JSON>` for an item of a set.
 */
export type FieldPath = readonly string[]

/** Returns the key of a path in a field set. */
export const pathToKey = (path: FieldPath): string => JSON.stringify(path)
/** The inverse of `pathToKey`. */
export const keyToPath = (key: string): FieldPath => JSON.parse(key) as string[]

/** Returns the fields of both sets. */
export const union = (a: FieldSet, b: FieldSet): FieldSet => new Set([...a, ...b])
/** Returns the fields of the first set that are not in the second. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet => new Set([...a].filter(key => !b.has(key)))
/** Returns the fields that are in both sets. */
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => new Set([...a].filter(key => b.has(key)))

/** Reports whether the set contains the field at the path or any field below it. */
export function hasFieldsWithin(set: FieldSet, path: FieldPath): boolean {
  // Without its closing bracket, the key of a path is a prefix of the keys of all paths below it.
  const prefix = pathToKey(path).slice(0, -1)
  return [...set].some(key => key === `${prefix}]` || key.startsWith(`${prefix},`))
}

/**
 * Returns the set as `fieldsV1`: nested objects. The member `.` marks a field that is in the set together with fields
 * below it.
 */
export function encodeFields(set: FieldSet): JsonObject {
  const root: JsonObject = {}
  for (const path of [...set].map(keyToPath)) {
    let node = root
    for (const element of path) {
      const next = node[element]
      node = isJsonObject(next) ? next : (node[element] = {})
    }
    node['.'] = {}
  }
  return normalize(root)
}

/** Sorts the members, and drops the `.` of a field that has no fields below it. */
function normalize(node: JsonObject): JsonObject {
  const entries = Object.entries(node).filter(([key]) => key !== '.' || Object.keys(node).length > 1)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, value]) => [key, isJsonObject(value) ? normalize(value) : value]))
}

/** The inverse of `encodeFields`. */
export function decodeFields(fields: JsonObject): FieldSet {
  const found: string[] = []
  const visit = (node: JsonObject, path: FieldPath): void => {
    const children = Object.entries(node).filter(([key]) => key !== '.')
    if (path.length > 0 && (children.length === 0 || '.' in node)) found.push(pathToKey(path))
    for (const [key, value] of children) if (isJsonObject(value)) visit(value, [...path, key])
  }
  visit(fields, [])
  return new Set(found)
}

/** Returns the path in the format of conflict messages: `.metadata.annotations.key`, `.secrets[name="x"].uid`. */
export function formatPath(path: FieldPath): string {
  return path
    .map(element => {
      const rest = element.slice(2)
      if (element.startsWith('f:')) return `.${rest}`
      if (element.startsWith('v:')) return `[=${rest}]`
      const pairs = Object.entries(JSON.parse(rest) as JsonObject).map(
        ([name, value]) => `${name}=${JSON.stringify(value)}`
      )
      return `[${pairs.join(',')}]`
    })
    .join('')
}
