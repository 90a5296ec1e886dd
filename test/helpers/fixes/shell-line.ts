export interface ShellLine {
  readonly words: readonly string[]
  /** The file behind `>`. */
  readonly output: string | undefined
}

/** A blank; `>`; a quoted part; an escaped quote; characters without a special meaning. A shell might change all others. */
const piece =
  /(?<blank> +)|(?<redirect>>)|'(?<quoted>[^']*)'|\\(?<escaped>')|(?<plain>[\w@%+=:,./-]+)|(?<other>[\s\S])/g

/**
 * Splits a command line as a POSIX shell does (2.2, Quoting; 2.7.2, Redirecting Output). Supports only what the printed lines use.
 *
 * @throws Error for an unquoted character with a special meaning.
 */
export function splitLine(line: string): ShellLine {
  const words: string[] = []
  let word: string | undefined
  let redirectedAt: number | undefined
  const endWord = (): void => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  for (const { groups = {} } of line.matchAll(piece)) {
    const { blank, redirect, quoted, escaped, plain, other } = groups
    if (other !== undefined) throw new Error(`${other} must be quoted for a shell: ${line}`)
    if (blank !== undefined || redirect !== undefined) endWord()
    else word = (word ?? '') + (quoted ?? escaped ?? plain ?? '')
    if (redirect !== undefined) redirectedAt = words.length
  }
  endWord()
  if (redirectedAt === undefined) return { words, output: undefined }
  const [output, ...more] = words.splice(redirectedAt)
  if (output === undefined || more.length > 0) throw new Error(`exactly one file must follow > at the end: ${line}`)
  return { words, output }
}
