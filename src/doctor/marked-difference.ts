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
