import type { FaultySandbox } from '../faulty-sandbox.js'

/** The place where command lines run: the sandbox, the current folder, and azwi. */
export type Ground = Pick<FaultySandbox, 'sandbox' | 'directory' | 'run'>

/** The values of the placeholders of a pattern. */
export type Values = Readonly<Record<string, string>>

export interface Form {
  readonly pattern: string
  /** Runs the command line. Returns its output. */
  readonly run: (values: Values, ground: Ground, rest: readonly string[]) => Promise<string>
}

/**
 * Matches words with a pattern such as `kubectl scale deployment/{name} --replicas {n}`. Returns the values of the placeholders. If the pattern ends in
 * `{…}`, one or more words follow. Returns undefined if the words do not match.
 */
export function match(
  pattern: string,
  words: readonly string[]
): { values: Values; rest: readonly string[] } | undefined {
  const wanted = pattern.split(' ')
  const open = wanted.at(-1) === '{…}'
  if (open) wanted.pop()
  if (open ? words.length <= wanted.length : words.length !== wanted.length) return undefined
  const values: Record<string, string> = {}
  const fits = wanted.every((word, index) => {
    const parts = new RegExp(
      `^${word
        .split(/\{(\w+)\}/)
        .map((part, at) => (at % 2 === 0 ? part.replace(/[.$^*+?()[\]|\\]/g, '\\$&') : `(?<${part}>[^]*?)`))
        .join('')}$`
    )
    const found = parts.exec(words[index] ?? '')
    Object.assign(values, found?.groups)
    return found !== null
  })
  return fits ? { values, rest: words.slice(wanted.length) } : undefined
}
