import { builtInCloud, cloudNames } from '../config/clouds.js'
import { changedStretch, markedDifference } from './marked-difference.js'

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
