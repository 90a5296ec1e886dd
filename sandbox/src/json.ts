/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json
}

/** Reports whether a value is a JSON object. False for an array and for null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the value at a path of property names, or undefined if there is none. */
export function valueAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((node, name) => (isJsonObject(node) ? node[name] : undefined), value)
}

/** Returns the object at a path, or an empty one if there is none. */
export function objectAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = valueAt(value, ...path)
  return isJsonObject(found) ? found : {}
}

/** Returns the objects in the list at a path. Ignores other entries. Empty if there is no list. */
export function listAt(value: Json | undefined, ...path: readonly string[]): JsonObject[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found.filter(isJsonObject) : []
}

/** Returns the string at a path, or an empty one if there is none. */
export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = valueAt(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** Returns the number at a path, or undefined if there is none. */
export function numberAt(value: Json | undefined, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** Returns a copy of the object without the named properties. */
export function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}
