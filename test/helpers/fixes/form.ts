import type { FaultySandbox } from '../faulty-sandbox.js'

/** Where lines are run: the sandbox, the current folder, and azwi. */
export type Ground = Pick<FaultySandbox, 'sandbox' | 'directory' | 'run'>

/** What stood in the places of a pattern. */
export type Values = Readonly<Record<string, string>>

export interface Form {
  readonly pattern: string
  /** Does what the line says; answers with what it prints. */
  readonly run: (values: Values, ground: Ground, rest: readonly string[]) => Promise<string>
}

/**
 * What stands in the places of a pattern, word for word: `kubectl scale deployment/{name} --replicas {n}`. Where it ends in `{…}`, one word or more
 * may follow. Undefined where the words are not of this form.
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
