/** The number of unchanged characters to show on either side of a difference. */
const margin = 40
const labels = { found: 'found     ', expected: 'expected  ' } as const

/**
 * Returns three lines: the two values under each other, and carets under the characters that differ. Writes invisible characters as escapes, and
 * shortens long values to the part around the difference.
 */
export function markedDifference(found: string, expected: string): string[] {
  const left = escapeInvisible(found)
  const right = escapeInvisible(expected)
  const { start, surplus, missing } = changedStretch(left, right)
  // If the expected text is inside the found one, move it under its copy. Texts of the same length are compared character by character.
  const shift = Math.max(0, surplus.indexOf(missing))
  const shiftedRight = right.slice(0, start) + ' '.repeat(shift) + right.slice(start)
  const isEqualAt = (index: number): boolean =>
    shift > 0
      ? index >= shift && index < shift + missing.length
      : surplus.length === missing.length && surplus[index] === missing[index]
  const carets = Array.from({ length: Math.max(surplus.length, missing.length) }, (_, index) =>
    isEqualAt(index) ? ' ' : '^'
  ).join('')
  const from = start > 2 * margin ? start - margin : 0
  const to = start + carets.length + 2 * margin
  const shorten = (text: string): string =>
    `${from > 0 ? '…' : ''}${text.slice(from, to)}${text.length > to ? '…' : ''}`
  const indent = labels.found.length + start - from + (from > 0 ? 1 : 0)
  return [labels.found + shorten(left), labels.expected + shorten(shiftedRight), ' '.repeat(indent) + carets]
}

/** Finds the one stretch outside of which two texts are equal: its start, and its content in the found and in the expected text. */
export function changedStretch(
  found: string,
  expected: string
): { readonly start: number; readonly surplus: string; readonly missing: string } {
  const shorter = Math.min(found.length, expected.length)
  let start = 0
  // If one text only has a prefix before the other, the stretch is the whole prefix, even if both begin with the same letters.
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

function escapeInvisible(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/gu,
    character => escapes[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  )
}

/** Returns the Levenshtein distance of two texts: the number of characters to insert, delete or replace. */
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
