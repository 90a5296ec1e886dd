import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '../src/json.js'

/** Real exchanges with Azure, where they lie beside the checkout; see INDEX.md there. The suite passes without them. */
export const recordingsFolder = process.env.AZWI_RECORDINGS ?? join(import.meta.dirname, '../../../shared/recordings')

export const recordingsAreHere = existsSync(recordingsFolder)

export interface Exchange {
  readonly request: { readonly method: string; readonly url: string; readonly body?: Json }
  readonly response: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Json
  }
  readonly truncated?: string
}

/** The exchanges of one recording, in their order. */
export function readRecording(file: string): Exchange[] {
  const { exchanges } = JSON.parse(readFileSync(`${recordingsFolder}/${file}.json`, 'utf8')) as {
    exchanges: Exchange[]
  }
  return exchanges
}

/** Recorded ids to those that the sandbox gave instead, learnt from the answers as they come back. */
export class Translation {
  readonly #ids = new Map<string, string>()

  /** The same text with every known id replaced, with dashes and without. */
  apply(text: string): string {
    let translated = text
    for (const [recorded, ours] of this.#ids) {
      translated = translated
        .replaceAll(recorded, ours)
        .replaceAll(recorded.replaceAll('-', ''), ours.replaceAll('-', ''))
    }
    return translated
  }

  /** Walks both answers side by side and pairs the GUIDs that stand in the same place. */
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
  /** Properties that Azure has added since the recording was made. */
  readonly newer?: readonly string[]
  readonly ordered?: boolean
  /** Lists that may be empty on one side only. */
  readonly otherLists?: RegExp
}

/** In what the shape of an answer differs from the recorded one: missing and unexpected keys, their order, types, and lists that are empty on one side. */
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
        : [`${path}: ${recorded.length} entries recorded, ${ours.length} here`]
    }
    return shapeDifferences(recorded[0] ?? null, ours[0] ?? null, options, `${path}[0]`)
  }
  if (isJsonObject(recorded) && isJsonObject(ours)) return objectDifferences(recorded, ours, options, path)
  return kind(recorded) === kind(ours) ? [] : [`${path}: ${kind(recorded)} recorded, ${kind(ours)} here`]
}

function objectDifferences(recorded: JsonObject, ours: JsonObject, options: ShapeOptions, path: string): string[] {
  const newer = options.newer ?? []
  const wanted = Object.keys(recorded)
  const found = Object.keys(ours).filter(key => wanted.includes(key) || !newer.includes(key))
  const differences = [
    ...wanted.filter(key => !found.includes(key)).map(key => `${path}.${key} is missing`),
    ...found.filter(key => !wanted.includes(key)).map(key => `${path}.${key} is unexpected`)
  ]
  if (differences.length === 0 && options.ordered !== false && wanted.join() !== found.join()) {
    differences.push(`${path}: the order is ${found.join()} and was recorded as ${wanted.join()}`)
  }
  return [
    ...differences,
    ...wanted.flatMap(key => shapeDifferences(recorded[key] ?? null, ours[key] ?? null, options, `${path}.${key}`))
  ]
}

function kind(value: Json): string {
  return Array.isArray(value) ? 'array' : typeof value
}

function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
