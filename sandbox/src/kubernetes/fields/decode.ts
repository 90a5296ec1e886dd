import { isJsonObject, type Json } from '../../json.js'
import { fieldOf, type Schema } from './schema.js'
import { badRequest } from '../status-error.js'

/**
 * Holds a value to its schema: a wrong type is a 400, as the decoder has it; unknown fields are dropped, or refused where the caller asked for
 * `fieldValidation=Strict`. Nulls and what is empty go, as Go's `omitempty` lets them.
 */
export function conform(value: Json, schema: Schema, strict: boolean, path = ''): Json | undefined {
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
        const conforming = field === undefined ? undefined : conform(part, field, strict, fieldPath)
        return conforming === undefined ? [] : [[name, conforming] as const]
      })
      return kept.length === 0 ? undefined : Object.fromEntries(kept)
    }
    case 'list':
    case 'set':
      if (!Array.isArray(value)) throw mistyped('list')
      return value.length === 0
        ? undefined
        : value.flatMap(item => conform(item, elementOf(schema), strict, `${path}[]`) ?? [])
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
