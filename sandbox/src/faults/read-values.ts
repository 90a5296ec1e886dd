import { isJsonObject } from '../json.js'

/** The faults are not valid. The message begins with the place: `rules[2].action.status: …`. */
export class FaultsError extends Error {
  override readonly name = 'FaultsError'

  constructor(place: string, problem: string) {
    super(place === '' ? problem : `${place}: ${problem}`)
  }
}

/**
 * Returns an object with only the given keys. Throws a FaultsError for any other key: ignoring a misspelt one would
 * hide a fault that never happens.
 */
export function objectAt(value: unknown, place: string, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isJsonObject(value))
    throw new FaultsError(place, `${shown(value)} is not an object with any of ${keys.join(', ')}`)
  const unknownKey = Object.keys(value).find(key => !keys.includes(key))
  if (unknownKey !== undefined)
    throw new FaultsError(place, `there is no "${unknownKey}" here; there is ${keys.join(', ')}`)
  return value
}

/** Returns a number in the range, limits included. Throws a FaultsError for anything else. */
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

/** Returns a string that is not empty. Throws a FaultsError for anything else. */
export function textAt(value: unknown, place: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new FaultsError(place, `${shown(value)} is not a text`)
}

/** Returns one of the words. Throws a FaultsError for anything else. */
export function wordAt<Word extends string>(value: unknown, place: string, words: readonly Word[]): Word {
  const word = words.find(candidate => candidate === value)
  if (word === undefined) throw new FaultsError(place, `${shown(value)} is none of ${words.join(', ')}`)
  return word
}

/** Reads every entry of a list. A value that is not a list counts as a list with one entry. */
export function listAt<T>(value: unknown, place: string, read: (entry: unknown, place: string) => T): T[] {
  if (!Array.isArray(value)) return [read(value, place)]
  return value.map((entry, index) => read(entry, `${place}[${index}]`))
}

/** Reads a value, or returns undefined if it is undefined. */
export function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value)
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
