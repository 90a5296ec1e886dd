/**
 * Describes the fields of an object and how they merge, in the terms of structured-merge-diff.
 * - atomic: the value is owned as a whole. All scalars are atomic.
 * - map: fields with any name.
 * - struct: fields with known names. An open struct also accepts other fields. It keeps them as they were sent, and
 *   each is owned as a whole.
 * - list: objects that are identified by the field `key`.
 * - set: strings that are identified by their value.
 */
export type Schema =
  | { readonly kind: 'atomic'; readonly type: 'string' | 'boolean' | 'number' | 'object' | 'array' | 'any' }
  | { readonly kind: 'map'; readonly element: Schema }
  | { readonly kind: 'struct'; readonly fields: Readonly<Record<string, Schema>>; readonly open?: true }
  | { readonly kind: 'list'; readonly key: string; readonly element: Schema }
  | { readonly kind: 'set' }

/** A string. */
export const text: Schema = { kind: 'atomic', type: 'string' }
/** A boolean. */
export const boolean: Schema = { kind: 'atomic', type: 'boolean' }
/** A number. */
export const number: Schema = { kind: 'atomic', type: 'number' }
/** Any JSON value. */
export const anything: Schema = { kind: 'atomic', type: 'any' }
/** An array that is owned as a whole. */
export const array: Schema = { kind: 'atomic', type: 'array' }
/** Strings by any name. */
export const textMap: Schema = { kind: 'map', element: text }
/** Returns the schema of a struct that has these fields only. */
export const struct = (fields: Readonly<Record<string, Schema>>): Schema => ({ kind: 'struct', fields })
/** Returns the schema of a struct that accepts other fields too. */
export const openStruct = (fields: Readonly<Record<string, Schema>> = {}): Schema => ({
  kind: 'struct',
  fields,
  open: true
})

/** Returns the schema of a field of a map or a struct. Returns undefined if the value cannot have this field. */
export function fieldOf(schema: Schema | undefined, name: string): Schema | undefined {
  if (schema?.kind === 'map') return schema.element
  if (schema?.kind !== 'struct') return undefined
  return schema.fields[name] ?? (schema.open ? anything : undefined)
}
