import { isJsonObject, type Json, type JsonObject } from '../../json.js'
import { type FieldPath, type FieldSet, pathToKey } from './field-set.js'
import { fieldOf, type Schema } from './schema.js'

/**
 * Returns the parts of a value that different managers can own, by their path element. Returns undefined for a value
 * that is owned as a whole.
 */
function partsOf(value: Json | undefined, schema: Schema): Map<string, { value: Json; schema: Schema }> | undefined {
  switch (schema.kind) {
    case 'atomic':
      return undefined
    case 'map':
      return isJsonObject(value)
        ? new Map(Object.entries(value).map(([name, part]) => [`f:${name}`, { value: part, schema: schema.element }]))
        : new Map()
    case 'struct':
      return isJsonObject(value)
        ? new Map(
            Object.entries(value).flatMap(([name, part]) => {
              const field = fieldOf(schema, name)
              return field === undefined ? [] : [[`f:${name}`, { value: part, schema: field }] as const]
            })
          )
        : new Map()
    case 'list':
      return Array.isArray(value)
        ? new Map(
            value.filter(isJsonObject).map(item => [listKey(item, schema.key), { value: item, schema: schema.element }])
          )
        : new Map()
    case 'set':
      return Array.isArray(value)
        ? new Map(
            value.map(item => [
              `v:${JSON.stringify(item)}`,
              { value: item, schema: { kind: 'atomic', type: 'string' } }
            ])
          )
        : new Map()
  }
}

function listKey(item: JsonObject, key: string): string {
  return `k:${JSON.stringify({ [key]: item[key] ?? null })}`
}

/** Returns the fields that a server-side apply of this value owns: leaves, list items, and empty maps. */
export function fieldsOf(value: Json, schema: Schema): FieldSet {
  const found: string[] = []
  const visit = (part: Json, partSchema: Schema, path: FieldPath): void => {
    const parts = partsOf(part, partSchema)
    const isItem = path.at(-1)?.startsWith('k:') ?? false
    if (path.length > 0 && (parts === undefined || parts.size === 0 || isItem)) found.push(pathToKey(path))
    for (const [element, child] of parts ?? []) visit(child.value, child.schema, [...path, element])
  }
  visit(value, schema, [])
  return new Set(found)
}

/** The differences between two values. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

/** Compares two values. An added or removed map or list is reported together with all fields below it. */
export function compare(before: Json, after: Json, schema: Schema): Comparison {
  const added: string[] = []
  const modified: string[] = []
  const removed: string[] = []
  const addSubtree = (value: Json, valueSchema: Schema, path: FieldPath, into: string[]): void => {
    if (valueSchema.kind !== 'struct' || path.at(-1)?.startsWith('k:')) into.push(pathToKey(path))
    for (const [element, child] of partsOf(value, valueSchema) ?? [])
      addSubtree(child.value, child.schema, [...path, element], into)
  }
  const visit = (old: Json, fresh: Json, partSchema: Schema, path: FieldPath): void => {
    const oldParts = partsOf(old, partSchema)
    const freshParts = partsOf(fresh, partSchema)
    if (oldParts === undefined || freshParts === undefined) {
      if (!isEqual(old, fresh)) modified.push(pathToKey(path))
      return
    }
    for (const [element, child] of freshParts) {
      const counterpart = oldParts.get(element)
      if (counterpart === undefined) addSubtree(child.value, child.schema, [...path, element], added)
      else visit(counterpart.value, child.value, child.schema, [...path, element])
    }
    for (const [element, child] of oldParts) {
      if (!freshParts.has(element)) addSubtree(child.value, child.schema, [...path, element], removed)
    }
  }
  visit(before, after, schema, [])
  return { added: new Set(added), modified: new Set(modified), removed: new Set(removed) }
}

/** Merges the applied value into the live one. Fields that the applied value leaves out keep their live value. */
export function merge(live: Json | undefined, applied: Json, schema: Schema): Json {
  switch (schema.kind) {
    case 'atomic':
      return applied
    case 'map':
    case 'struct': {
      if (!isJsonObject(live) || !isJsonObject(applied)) return applied
      const merged: JsonObject = { ...live }
      for (const [name, value] of Object.entries(applied)) {
        const field = fieldOf(schema, name)
        merged[name] = field === undefined ? value : merge(live[name], value, field)
      }
      return merged
    }
    case 'list':
    case 'set': {
      const parts = new Map(partsOf(live, schema))
      for (const [element, { value, schema: part }] of partsOf(applied, schema) ?? []) {
        parts.set(element, { value: merge(parts.get(element)?.value, value, part), schema: part })
      }
      return [...parts.values()].map(part => part.value)
    }
  }
}

/** Returns the value without the field at the path. */
export function removeField(value: Json, schema: Schema, path: FieldPath): Json {
  const [element, ...rest] = path
  if (element === undefined) return value
  if (isJsonObject(value)) {
    const name = element.slice(2)
    const child = value[name]
    const field = fieldOf(schema, name)
    if (child === undefined || field === undefined) return value
    if (rest.length > 0) return { ...value, [name]: removeField(child, field, rest) }
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))
  }
  if (Array.isArray(value)) {
    return [...(partsOf(value, schema) ?? [])].flatMap(([key, part]) => {
      if (key !== element) return [part.value]
      return rest.length > 0 ? [removeField(part.value, part.schema, rest)] : []
    })
  }
  return value
}

/** Reports whether two values are equal as JSON. The order of object members does not matter. */
export function isEqual(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isEqual(item, b[index] ?? null))
  if (isJsonObject(a) && isJsonObject(b)) {
    const names = Object.keys(a)
    return (
      names.length === Object.keys(b).length &&
      names.every(name => name in b && isEqual(a[name] ?? null, b[name] ?? null))
    )
  }
  return a === b
}
