import { isJsonObject } from '../json.js'

/** Faults that cannot be meant. The message begins with the place: `rules[2].action.status: …`. */
export class FaultsError extends Error {
  override readonly name = 'FaultsError'

  constructor(place: string, complaint: string) {
    super(place === '' ? complaint : `${place}: ${complaint}`)
  }
}

/** An object that has no other keys than these. A key that is misspelt is not left out: it would be a fault that never happens. */
export function objectAt(value: unknown, place: string, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isJsonObject(value))
    throw new FaultsError(place, `${shown(value)} is not an object with any of ${keys.join(', ')}`)
  const stranger = Object.keys(value).find(key => !keys.includes(key))
  if (stranger !== undefined)
    throw new FaultsError(place, `there is no "${stranger}" here; there is ${keys.join(', ')}`)
  return value
}

/** A number in the range. */
export function numberAt(
  value: unknown,
  place: string,
  { from, to = Infinity, whole = false }: { from: number; to?: number; whole?: boolean }
): number {
  if (typeof value === 'number' && value >= from && value <= to && (!whole || Number.isInteger(value))) return value
  throw new FaultsError(
    place,
    `${shown(value)} is not a ${whole ? 'whole ' : ''}number ${to === Infinity ? `of at least ${from}` : `from ${from} to ${to}`}`
  )
}

/** A text that is not empty. */
export function textAt(value: unknown, place: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new FaultsError(place, `${shown(value)} is not a text`)
}

/** One of the words. */
export function wordAt<Word extends string>(value: unknown, place: string, words: readonly Word[]): Word {
  const word = words.find(candidate => candidate === value)
  if (word === undefined) throw new FaultsError(place, `${shown(value)} is none of ${words.join(', ')}`)
  return word
}

/** Every entry of a list, or the one value that stands in its place. */
export function listAt<T>(value: unknown, place: string, read: (entry: unknown, place: string) => T): T[] {
  if (!Array.isArray(value)) return [read(value, place)]
  return value.map((entry, index) => read(entry, `${place}[${index}]`))
}

/** What `read` makes of a value that is there. */
export function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value)
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
