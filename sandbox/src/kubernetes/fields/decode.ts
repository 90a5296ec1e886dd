import { isJsonObject, type Json } from '../../json.js'
import { badRequest } from '../status-error.js'
import { fieldOf, type Schema } from './schema.js'

/**
 * Decodes a value by its schema, as the API server does. Drops unknown fields, nulls, empty objects and empty arrays
 * (Go's `omitempty`), and returns undefined if nothing is left. Throws a 400 for a value of the wrong type and, if
 * `strict` (`fieldValidation=Strict`), for an unknown field. `path` is the path of the value in its object.
 */
export function decode(value: Json, schema: Schema, strict: boolean, path = ''): Json | undefined {
  if (value === null) return undefined
  const mistyped = (type: string): Error =>
    badRequest(`json: cannot unmarshal ${typeOf(value)} into Go struct field ${path} of type ${type}`)
  switch (schema.kind) {
    case 'atomic':
      if (schema.type === 'any') return withoutNulls(value)
      if (typeOf(value) !== schema.type) throw mistyped(schema.type)
      return Array.isArray(value) && value.length === 0 ? undefined : value
    case 'map':
    case 'struct': {
      if (!isJsonObject(value)) throw mistyped(schema.kind)
      const kept = Object.entries(value).flatMap(([name, part]) => {
        const field = fieldOf(schema, name)
        const fieldPath = path === '' ? name : `${path}.${name}`
        if (field === undefined && strict) throw badRequest(`strict decoding error: unknown field "${fieldPath}"`)
        const decoded = field === undefined ? undefined : decode(part, field, strict, fieldPath)
        return decoded === undefined ? [] : [[name, decoded] as const]
      })
      return kept.length === 0 ? undefined : Object.fromEntries(kept)
    }
    case 'list':
    case 'set':
      if (!Array.isArray(value)) throw mistyped('list')
      return value.length === 0
        ? undefined
        : value.flatMap(item => decode(item, elementOf(schema), strict, `${path}[]`) ?? [])
  }
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => (part === null ? [] : [[name, withoutNulls(part)] as const]))
  )
}

function elementOf(schema: Schema): Schema {
  return schema.kind === 'list' ? schema.element : { kind: 'atomic', type: 'string' }
}

function typeOf(value: Json): string {
  return Array.isArray(value) ? 'array' : typeof value
}
