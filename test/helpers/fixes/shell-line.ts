export interface ShellLine {
  readonly words: readonly string[]
  /** The file behind `>`. */
  readonly output: string | undefined
}

/** A blank; `>`; a quoted piece; a quote behind a backslash; what a shell takes as it is. Whatever else there is, a shell may change. */
const piece =
  /(?<blank> +)|(?<redirect>>)|'(?<quoted>[^']*)'|\\(?<escaped>')|(?<plain>[\w@%+=:,./-]+)|(?<other>[\s\S])/g

/**
 * Splits a line as a POSIX shell does (2.2, Quoting; 2.7.2, Redirecting Output), as far as lines that are printed to be pasted need it.
 *
 * @throws Error for everything that a shell would not take as it stands: the line ought to have quoted it.
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
    if (other !== undefined) throw new Error(`a shell does not take ${other} as it is: ${line}`)
    if (blank !== undefined || redirect !== undefined) endWord()
    else word = (word ?? '') + (quoted ?? escaped ?? plain ?? '')
    if (redirect !== undefined) redirectedAt = words.length
  }
  endWord()
  if (redirectedAt === undefined) return { words, output: undefined }
  const [output, ...more] = words.splice(redirectedAt)
  if (output === undefined || more.length > 0) throw new Error(`one file was to stand behind > at the end: ${line}`)
  return { words, output }
}
