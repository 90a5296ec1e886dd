import { builtInCloud, cloudNames } from '../../config/clouds.js'
import { changedStretch, markedDifference } from './text-diff.js'

/** The difference between two values that must be equal byte for byte, for a person. */
export interface TextDifference {
  /** The end of a sentence that begins with the found value: `lacks the slash at its end`. */
  readonly description: string
  /** The two values under each other, with carets under the characters that differ. */
  readonly lines: readonly string[]
}

/** Describes the difference between two values, such as issuers, subjects, audiences or IDs. They must differ. */
export function difference(found: string, expected: string): TextDifference {
  return { description: describe(found, expected), lines: markedDifference(found, expected) }
}

function describe(found: string, expected: string): string {
  if (found === '') return 'is empty'
  return (
    describeLookalike(found, expected) ??
    describeSpacedSubjects(found, expected) ??
    describeAudience(found) ??
    describeHosts(found, expected) ??
    describeCharacters(found, expected)
  )
}

/** A difference that a person easily overlooks: its description, and a function that removes it from a value. */
interface SubtleDifference {
  readonly describe: (found: string, expected: string) => string | undefined
  readonly remove: (text: string) => string
}

/** White space and zero-width characters. */
const whitePattern = /[\s\u200b-\u200d\u2060]/g
const discoveryPath = '/.well-known/openid-configuration'

const subtleDifferences: readonly SubtleDifference[] = [
  { describe: describeWhiteSpace, remove: text => text.replace(whitePattern, '') },
  {
    describe: (found, expected) =>
      found.includes(discoveryPath) && !expected.includes(discoveryPath)
        ? 'is the address of the discovery document, and not the issuer before it'
        : undefined,
    // Remove the slashes too: the address does not show whether the issuer ends with one.
    remove: text => (text.split(discoveryPath)[0] ?? '').replace(/\/+$/, '')
  },
  {
    describe: (found, expected) =>
      /^http:/i.test(found) && /^https:/i.test(expected) ? 'begins with http:// in place of https://' : undefined,
    remove: text => text.replace(/^http:/i, 'https:')
  },
  {
    describe: (found, expected) => {
      const surplus = slashesAtEnd(found) - slashesAtEnd(expected)
      if (surplus === 0) return undefined
      if (surplus < 0) return 'lacks the slash at its end'
      return surplus === 1 ? 'has a slash too many at its end' : `has ${surplus} slashes too many at its end`
    },
    remove: text => text.replace(/\/+$/, '')
  },
  { describe: describeLetterCase, remove: text => text.toLowerCase() }
]

/** Returns undefined if the values still differ without all subtle differences. */
function describeLookalike(found: string, expected: string): string | undefined {
  const descriptions: string[] = []
  let [left, right] = [found, expected]
  for (const subtle of subtleDifferences) {
    const description = subtle.describe(left, right)
    if (description === undefined) continue
    descriptions.push(description)
    ;[left, right] = [subtle.remove(left), subtle.remove(right)]
  }
  return left === right ? descriptions.join(' and ') : undefined
}

function describeWhiteSpace(found: string, expected: string): string | undefined {
  const characters = found.match(whitePattern) ?? []
  if (characters.join('') === (expected.match(whitePattern) ?? []).join('')) return undefined
  const trimmed = found.replace(new RegExp(`^${whitePattern.source}+|${whitePattern.source}+$`, 'g'), '')
  const [first = '', last = ''] = [found.at(0), found.at(-1)]
  if (characters.length === 0) return 'lacks white space'
  if (trimmed === '') return 'is white space and nothing else'
  const places = [
    ...(first.replace(whitePattern, '') === '' ? [`begins with ${nameOfWhite(first)}`] : []),
    ...(last.replace(whitePattern, '') === '' ? [`ends with ${nameOfWhite(last)}`] : []),
    ...(trimmed.replace(whitePattern, '') !== trimmed
      ? [`has ${nameOfWhite(trimmed.match(whitePattern)?.[0] ?? ' ')} inside`]
      : [])
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

function describeLetterCase(found: string, expected: string): string | undefined {
  if (found === expected || found.toLowerCase() !== expected.toLowerCase()) return undefined
  const others = Array.from(found).flatMap((character, index) =>
    character === expected[index] ? [] : [`"${character}" for "${expected[index] ?? ''}"`]
  )
  return `differs in letter case${others.length > 3 ? '' : ` (${others.join(', ')})`}`
}

const subjectPrefix = 'system:serviceaccount:'

/** Describes the white space in a subject in addition to its other differences. */
function describeSpacedSubjects(found: string, expected: string): string | undefined {
  const description = describeSubjects(found.replace(whitePattern, ''), expected)
  const space = describeWhiteSpace(found, expected)
  return description === undefined || space === undefined ? description : `${space} and ${description}`
}

function describeSubjects(found: string, expected: string): string | undefined {
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

function describeAudience(found: string): string | undefined {
  const cloud = cloudNames.find(name => builtInCloud(name).exchangeAudience === found)
  return cloud && `is the audience of the cloud ${cloud}`
}

function describeHosts(found: string, expected: string): string | undefined {
  if (!/^https?:\/\//i.test(expected) || !URL.canParse(found) || !URL.canParse(expected)) return undefined
  const [host, right] = [new URL(found).host, new URL(expected).host]
  return host === right || host === '' ? undefined : `is of another host: ${host}, and not ${right}`
}

/** The description does not quote longer stretches. The carets show them. */
const longestQuote = 24

/** Describes the one stretch outside of which the values are equal. */
function describeCharacters(found: string, expected: string): string {
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
