import { builtInCloud, cloudNames } from '../../config/clouds.js'

/** How two values differ that should be equal byte for byte, for a person. */
export interface TextDifference {
  /** What is wrong with the one that was found, as the end of a sentence that begins with it: `lacks the slash at its end`. */
  readonly words: string
  /** Both under each other, with carets under what differs. */
  readonly lines: readonly string[]
}

/** Compares two values that are not the same: issuers, subjects, audiences, ids. */
export function difference(found: string, expected: string): TextDifference {
  return { words: inWords(found, expected), lines: markedDifference(found, expected) }
}

function inWords(found: string, expected: string): string {
  if (found === '') return 'is empty'
  return (
    lookalike(found, expected) ??
    ofSpacedSubjects(found, expected) ??
    ofAudiences(found) ??
    ofHosts(found, expected) ??
    ofCharacters(found, expected)
  )
}

/** A way in which two values look the same to a person: what is said of it, and the value without it. */
interface Likeness {
  readonly words: (found: string, expected: string) => string | undefined
  readonly without: (text: string) => string
}

/** `\s` and what else takes no room on a screen. */
const white = /[\s\u200b-\u200d\u2060]/g
const discoveryPath = '/.well-known/openid-configuration'

const likenesses: readonly Likeness[] = [
  { words: whiteSpace, without: text => text.replace(white, '') },
  {
    words: (found, expected) =>
      found.includes(discoveryPath) && !expected.includes(discoveryPath)
        ? 'is the address of the discovery document, and not the issuer before it'
        : undefined,
    // With the slashes: whether the issuer before it ends in one cannot be told.
    without: text => (text.split(discoveryPath)[0] ?? '').replace(/\/+$/, '')
  },
  {
    words: (found, expected) =>
      /^http:/i.test(found) && /^https:/i.test(expected) ? 'begins with http:// in place of https://' : undefined,
    without: text => text.replace(/^http:/i, 'https:')
  },
  {
    words: (found, expected) => {
      const surplus = slashesAtEnd(found) - slashesAtEnd(expected)
      if (surplus === 0) return undefined
      if (surplus < 0) return 'lacks the slash at its end'
      return surplus === 1 ? 'has a slash too many at its end' : `has ${surplus} slashes too many at its end`
    },
    without: text => text.replace(/\/+$/, '')
  },
  { words: letterCase, without: text => text.toLowerCase() }
]

/** Only where these are all that differs. */
function lookalike(found: string, expected: string): string | undefined {
  const words: string[] = []
  let [left, right] = [found, expected]
  for (const likeness of likenesses) {
    const said = likeness.words(left, right)
    if (said === undefined) continue
    words.push(said)
    ;[left, right] = [likeness.without(left), likeness.without(right)]
  }
  return left === right ? words.join(' and ') : undefined
}

function whiteSpace(found: string, expected: string): string | undefined {
  const own = found.match(white) ?? []
  if (own.join('') === (expected.match(white) ?? []).join('')) return undefined
  const trimmed = found.replace(new RegExp(`^${white.source}+|${white.source}+$`, 'g'), '')
  const [first = '', last = ''] = [found.at(0), found.at(-1)]
  if (own.length === 0) return 'lacks white space'
  if (trimmed === '') return 'is white space and nothing else'
  const places = [
    ...(first.replace(white, '') === '' ? [`begins with ${nameOfWhite(first)}`] : []),
    ...(last.replace(white, '') === '' ? [`ends with ${nameOfWhite(last)}`] : []),
    ...(trimmed.replace(white, '') !== trimmed ? [`has ${nameOfWhite(trimmed.match(white)?.[0] ?? ' ')} inside`] : [])
  ]
  return places.join(' and ')
}

const whiteNames: Readonly<Record<string, string>> = {
  ' ': 'a space',
  '\n': 'a line break',
  '\r': 'a line break',
  '\t': 'a tab',
  '\u00a0': 'a no-break space',
  '\u200b': 'a zero-width space',
  '\ufeff': 'a byte order mark'
}
const nameOfWhite = (character: string): string => whiteNames[character] ?? 'white space'

const slashesAtEnd = (text: string): number => text.length - text.replace(/\/+$/, '').length

function letterCase(found: string, expected: string): string | undefined {
  if (found === expected || found.toLowerCase() !== expected.toLowerCase()) return undefined
  const others = Array.from(found).flatMap((character, index) =>
    character === expected[index] ? [] : [`"${character}" for "${expected[index] ?? ''}"`]
  )
  return `differs in letter case${others.length > 3 ? '' : ` (${others.join(', ')})`}`
}

const subjectPrefix = 'system:serviceaccount:'

/** White space comes on top of whatever else is wrong with a subject. */
function ofSpacedSubjects(found: string, expected: string): string | undefined {
  const words = ofSubjects(found.replace(white, ''), expected)
  const space = whiteSpace(found, expected)
  return words === undefined || space === undefined ? words : `${space} and ${words}`
}

function ofSubjects(found: string, expected: string): string | undefined {
  const parts = (text: string): string[] =>
    text.startsWith(subjectPrefix) ? text.slice(subjectPrefix.length).split(':') : []
  const [namespace = '', name = '', ...rest] = parts(found)
  const [rightNamespace = '', rightName = ''] = parts(expected)
  if (namespace === '' || name === '' || rest.length > 0 || rightName === '') return undefined
  if (namespace === rightName && name === rightNamespace) return 'has namespace and name swapped'
  if (name === rightName) return `names the namespace "${namespace}", and not "${rightNamespace}"`
  if (namespace === rightNamespace) return `names the service account "${name}", and not "${rightName}"`
  return `names the service account ${namespace}/${name}, and not ${rightNamespace}/${rightName}`
}

function ofAudiences(found: string): string | undefined {
  const cloud = cloudNames.find(name => builtInCloud(name).exchangeAudience === found)
  return cloud && `is the audience of the cloud ${cloud}`
}

function ofHosts(found: string, expected: string): string | undefined {
  if (!/^https?:\/\//i.test(expected) || !URL.canParse(found) || !URL.canParse(expected)) return undefined
  const [host, right] = [new URL(found).host, new URL(expected).host]
  return host === right || host === '' ? undefined : `is of another host: ${host}, and not ${right}`
}

/** Longer than this, a part that differs is left to the carets. */
const longestQuote = 24

/** By the one stretch outside of which the two are the same. */
function ofCharacters(found: string, expected: string): string {
  const { start, surplus, missing } = changedStretch(found, expected)
  const place = `at character ${start + 1}`
  const [before = '', after] = missing === '' ? [] : surplus.split(missing)
  if (after !== undefined) return `has ${JSON.stringify(before)} before it and ${JSON.stringify(after)} after it`
  if (Math.max(surplus.length, missing.length) > longestQuote)
    return start === 0 ? 'is another' : `differs from character ${start + 1} on`
  if (missing === '') return `has ${JSON.stringify(surplus)} too many ${place}`
  if (surplus === '') return `lacks ${JSON.stringify(missing)} ${place}`
  return `has ${JSON.stringify(surplus)} in place of ${JSON.stringify(missing)} ${place}`
}

/** How much of what is the same is shown on either side of what is not. */
const margin = 40
const labels = { found: 'found     ', expected: 'expected  ' } as const

/**
 * Two values under each other, with carets under what differs. What cannot be seen is written as an escape, and of long values only the
 * part around the difference is shown.
 */
export function markedDifference(found: string, expected: string): string[] {
  const left = visible(found)
  const { start, surplus, missing } = changedStretch(left, visible(expected))
  // What is right but for something on either side of it is shown under itself; texts of one length can be compared character by character.
  const shift = Math.max(0, surplus.indexOf(missing))
  const right = visible(expected).slice(0, start) + ' '.repeat(shift) + visible(expected).slice(start)
  const isRight = (index: number): boolean =>
    shift > 0
      ? index >= shift && index < shift + missing.length
      : surplus.length === missing.length && surplus[index] === missing[index]
  const carets = Array.from({ length: Math.max(surplus.length, missing.length) }, (_, index) =>
    isRight(index) ? ' ' : '^'
  ).join('')
  const from = start > 2 * margin ? start - margin : 0
  const to = start + carets.length + 2 * margin
  const shown = (text: string): string => `${from > 0 ? '…' : ''}${text.slice(from, to)}${text.length > to ? '…' : ''}`
  const indent = labels.found.length + start - from + (from > 0 ? 1 : 0)
  return [labels.found + shown(left), labels.expected + shown(right), ' '.repeat(indent) + carets]
}

/** The one stretch outside of which two texts are the same: where it begins, and what it is in either. */
export function changedStretch(
  found: string,
  expected: string
): { readonly start: number; readonly surplus: string; readonly missing: string } {
  const shorter = Math.min(found.length, expected.length)
  let start = 0
  // What stands before a whole value is told as such, whatever letter the two begin with.
  const isPrefixed = found.endsWith(expected) || expected.endsWith(found)
  while (!isPrefixed && start < shorter && found[start] === expected[start]) start += 1
  let end = 0
  while (end < shorter - start && found.at(-1 - end) === expected.at(-1 - end)) end += 1
  return {
    start,
    surplus: found.slice(start, found.length - end),
    missing: expected.slice(start, expected.length - end)
  }
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function visible(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/gu,
    character => escapes[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  )
}

/** How many characters must be put in, taken out or replaced to turn one text into the other (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, character] of Array.from(from).entries()) {
    const next = [index + 1]
    for (const [column, other] of Array.from(to).entries()) {
      next.push(
        Math.min(
          (row[column] ?? 0) + (character === other ? 0 : 1),
          (row[column + 1] ?? 0) + 1,
          (next[column] ?? 0) + 1
        )
      )
    }
    row = next
  }
  return row.at(-1) ?? 0
}
