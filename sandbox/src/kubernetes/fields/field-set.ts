import { isJsonObject, type JsonObject } from '../../json.js'

/**
 * A set of fields of an object. A path is a list of elements as `fieldsV1` writes them: `f:<name>`, `k:<key of a list item as JSON>`, `v:<value of
 * a set's item as JSON>`. It is kept as its JSON text, which can be compared.
 */
export type FieldSet = ReadonlySet<string>
export type FieldPath = readonly string[]

export const pathKey = (path: FieldPath): string => JSON.stringify(path)
export const parsePath = (key: string): FieldPath => JSON.parse(key) as string[]

export const union = (a: FieldSet, b: FieldSet): FieldSet => new Set([...a, ...b])
export const difference = (a: FieldSet, b: FieldSet): FieldSet => new Set([...a].filter(key => !b.has(key)))
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => new Set([...a].filter(key => b.has(key)))

/** True where the set holds the path itself or anything below it. */
export function touches(set: FieldSet, path: FieldPath): boolean {
  // Without the closing bracket the text of a path is the beginning of the text of all paths below it.
  const beginning = pathKey(path).slice(0, -1)
  return [...set].some(key => key === `${beginning}]` || key.startsWith(`${beginning},`))
}

/** The set as `fieldsV1`: nested objects, where `.` says that a field with others below it is in the set too. */
export function encodeFields(set: FieldSet): JsonObject {
  const root: JsonObject = {}
  for (const path of [...set].map(parsePath)) {
    let node = root
    for (const element of path) {
      const next = node[element]
      node = isJsonObject(next) ? next : (node[element] = {})
    }
    node['.'] = {}
  }
  return tidy(root)
}

/** Sorts the keys, and drops the `.` of a field with nothing else below it. */
function tidy(node: JsonObject): JsonObject {
  const entries = Object.entries(node).filter(([key]) => key !== '.' || Object.keys(node).length > 1)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, value]) => [key, isJsonObject(value) ? tidy(value) : value]))
}

/** The inverse of `encodeFields`. */
export function decodeFields(fields: JsonObject): FieldSet {
  const found: string[] = []
  const visit = (node: JsonObject, path: FieldPath): void => {
    const children = Object.entries(node).filter(([key]) => key !== '.')
    if (path.length > 0 && (children.length === 0 || '.' in node)) found.push(pathKey(path))
    for (const [key, value] of children) if (isJsonObject(value)) visit(value, [...path, key])
  }
  visit(fields, [])
  return new Set(found)
}

/** The path as a person reads it in a conflict: `.metadata.annotations.key`, `.secrets[name="x"].uid`. */
export function printPath(path: FieldPath): string {
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
