import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '../src/json.js'

/**
 * A table of exchanges with Azure that others recorded. scripts/distil-recordings.ts writes the tables.
 *
 * A shape is a JSON value with types (`"string"`, `"number"`, `"boolean"`) in place of values. `null` stays, and a list keeps only its first entry.
 * `"...": "<name>"` includes the properties of a shape of the table.
 */
export interface RecordedTable {
  readonly shapes: Readonly<Record<string, JsonObject>>
  readonly recordings: Readonly<Record<string, Recording>>
}

export interface Recording {
  readonly source: string
  /**
   * The names of the placeholders that replace IDs. `{<name>}` is an ID, `{undashed <name>}` the same without dashes. `{subscription}` is not in the
   * list. Braces around other names were there when the exchange was recorded.
   */
  readonly ids: readonly string[]
  readonly exchanges: readonly RecordedExchange[]
}

export interface RecordedExchange {
  /** Method and URL. Undefined if only the response is known. */
  readonly request?: string
  /** The JSON body of the request. */
  readonly body?: Json
  readonly status: number
  readonly contentType?: string
  /** The Location of a 201, without the host, and with `*` for each ID. */
  readonly location?: string
  /** The header WWW-Authenticate. */
  readonly challenge?: string
  /** The header x-ms-failure-cause of an error. */
  readonly failureCause?: string
  readonly error?: RecordedError
  /** The shape of the response's body. Undefined if there is no body. */
  readonly shape?: Json
  /** Reports whether the recorder shortened a list in the response. */
  readonly truncated?: boolean
}

export interface RecordedError {
  readonly code: string
  /** Entra's number of the error: 700016 for AADSTS700016. */
  readonly number?: number
  readonly message?: string
}

export const subscriptionId = '00000000-0000-0000-0000-000000000000'

/** A recording whose placeholders are replaced by IDs that occur nowhere else. */
export interface PlayableRecording {
  readonly exchanges: readonly RecordedExchange[]
  /** Returns the ID that replaces a placeholder. Throws an error if the recording does not have it. */
  readonly id: (placeholder: string) => string
}

/** Reads one recording of a table. Throws an error if the table does not have it. */
export function readRecording(table: string, name: string): PlayableRecording {
  const { shapes, recordings } = readTable(table) as RecordedTable
  const recording = recordings[name]
  if (recording === undefined) throw new Error(`The table ${table} has no recording ${name}.`)
  const id = (placeholder: string): string => {
    const index = recording.ids.indexOf(placeholder)
    if (index === -1) throw new Error(`The recording ${name} has no ID ${placeholder}.`)
    return `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`
  }
  const complete = recording.exchanges.map(exchange =>
    exchange.shape === undefined ? exchange : { ...exchange, shape: withSharedShapes(exchange.shape, shapes) }
  )
  let text = JSON.stringify(complete).replaceAll('{subscription}', subscriptionId)
  for (const placeholder of recording.ids) {
    text = text
      .replaceAll(`{${placeholder}}`, id(placeholder))
      .replaceAll(`{undashed ${placeholder}}`, id(placeholder).replaceAll('-', ''))
  }
  return { exchanges: JSON.parse(text) as RecordedExchange[], id }
}

/** Reads a file of sandbox/test/recorded/. */
export function readTable(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'recorded', `${name}.json`), 'utf8'))
}

function withSharedShapes(shape: Json, shapes: RecordedTable['shapes']): Json {
  if (Array.isArray(shape)) return shape.map(entry => withSharedShapes(entry, shapes))
  if (!isJsonObject(shape)) return shape
  return Object.fromEntries(
    Object.entries(shape).flatMap(([key, value]) => {
      const shared = key === '...' && typeof value === 'string' ? shapes[value] : undefined
      return shared === undefined ? [[key, withSharedShapes(value, shapes)]] : Object.entries(shared)
    })
  )
}

/** Returns a value with this shape. Its strings are those of the shape, and its numbers are 0. */
export function valueOfShape(shape: Json): Json {
  if (shape === 'number') return 0
  if (shape === 'boolean') return false
  if (Array.isArray(shape)) return shape.map(valueOfShape)
  if (!isJsonObject(shape)) return shape
  return Object.fromEntries(Object.entries(shape).map(([key, entry]) => [key, valueOfShape(entry)]))
}

/** Maps recorded IDs to those of the sandbox, which it learns from the responses of the sandbox. */
export class Translation {
  readonly #ids = new Map<string, string>()

  /** Replaces every known ID in a text, with dashes or without. */
  apply(text: string): string {
    let translated = text
    for (const [recorded, ours] of this.#ids) {
      translated = translated
        .replaceAll(recorded, ours)
        .replaceAll(recorded.replaceAll('-', ''), ours.replaceAll('-', ''))
    }
    return translated
  }

  /** Walks through a recorded shape and our body at the same time, and pairs the IDs that stand in the same place. */
  learn(recorded: Json | undefined, ours: Json | undefined): void {
    if (typeof recorded === 'string' && typeof ours === 'string') {
      if (isGuid(recorded) && isGuid(ours) && recorded !== ours) this.#ids.set(recorded, ours)
    } else if (Array.isArray(recorded) && Array.isArray(ours)) {
      for (const [index, entry] of recorded.entries()) this.learn(entry, ours[index])
    } else if (isJsonObject(recorded) && isJsonObject(ours)) {
      for (const [key, value] of Object.entries(recorded)) this.learn(value, ours[key])
    }
  }
}

export interface ShapeOptions {
  /** Properties that Azure has added since the recording. */
  readonly newer?: readonly string[]
  /** Reports whether the order of keys is compared. True by default. */
  readonly ordered?: boolean
  /** Paths of lists that may be empty on one side only. */
  readonly otherLists?: RegExp
}

/** Lists how our body differs from a recorded shape: missing and unexpected keys, their order, types, and lists that are empty on one side only. */
export function shapeDifferences(
  recorded: Json | undefined,
  ours: Json | undefined,
  options: ShapeOptions = {},
  path = '$'
): string[] {
  if (recorded === undefined || recorded === null || ours === undefined || ours === null) {
    return (recorded === undefined) === (ours === undefined)
      ? []
      : [`${path}: ${recorded === undefined ? 'unexpected' : 'missing'} body`]
  }
  if (Array.isArray(recorded) && Array.isArray(ours)) {
    if ((recorded.length === 0) !== (ours.length === 0)) {
      return options.otherLists?.test(path) === true
        ? []
        : [`${path}: the list is ${recorded.length === 0 ? 'empty' : 'not empty'} in the recording only`]
    }
    return shapeDifferences(recorded[0] ?? null, ours[0] ?? null, options, `${path}[0]`)
  }
  if (isJsonObject(recorded) && isJsonObject(ours)) return objectDifferences(recorded, ours, options, path)
  const [recordedType, ourType] = [typeInShape(recorded), typeOfValue(ours)]
  return recordedType === ourType ? [] : [`${path}: ${recordedType} recorded, ${ourType} here`]
}

function objectDifferences(recorded: JsonObject, ours: JsonObject, options: ShapeOptions, path: string): string[] {
  const newer = options.newer ?? []
  const recordedKeys = Object.keys(recorded)
  const ourKeys = Object.keys(ours).filter(key => recordedKeys.includes(key) || !newer.includes(key))
  const differences = [
    ...recordedKeys.filter(key => !ourKeys.includes(key)).map(key => `${path}.${key} is missing`),
    ...ourKeys.filter(key => !recordedKeys.includes(key)).map(key => `${path}.${key} is unexpected`)
  ]
  if (differences.length === 0 && options.ordered !== false && recordedKeys.join() !== ourKeys.join()) {
    differences.push(`${path}: the order is ${ourKeys.join()} and was recorded as ${recordedKeys.join()}`)
  }
  return [
    ...differences,
    ...recordedKeys.flatMap(key =>
      shapeDifferences(recorded[key] ?? null, ours[key] ?? null, options, `${path}.${key}`)
    )
  ]
}

/** Returns the type that a shape has in place of a value. An ID is a string. */
function typeInShape(shape: Json): string {
  if (typeof shape !== 'string') return typeOfValue(shape)
  return shape === 'number' || shape === 'boolean' ? shape : 'string'
}

function typeOfValue(value: Json): string {
  return Array.isArray(value) ? 'array' : typeof value
}

function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
