/** The values of `-o` that every command takes. */
export const outputFormats = ['text', 'json', 'yaml', 'name'] as const
/** All values of `-o`. The table of commands lists the commands that take the additional ones. */
export const allOutputFormats = [...outputFormats, 'junit'] as const
/** A value of `-o`. */
export type OutputFormat = (typeof allOutputFormats)[number]

/** A command's result, in every format. */
export interface View {
  /** For `-o text`. Empty if the log holds everything already. */
  readonly text: string
  /** For `-o json` and `-o yaml`: one of the shapes in docs/output.md, which are a contract. */
  readonly data: unknown
  /** For `-o name`: one `kind/name` per line, as in kubectl. */
  readonly names: readonly string[]
  /** For `-o junit`, on a command that takes it. */
  readonly junit?: () => string
}

/**
 * Returns the format that a command line requests. Needs no parsed command line, because errors of parsing use the format too. Returns
 * `text` for an unknown format: the parser refuses it later.
 */
export function requestedFormat(words: readonly string[]): OutputFormat {
  const beforeDashes = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
  const requested = beforeDashes
    .flatMap((word, index) => {
      if (/^(?:--output|-A?o)$/.test(word)) return beforeDashes[index + 1] ?? ''
      // -A is the only switch that can share a word with -o.
      return /^(?:--output=|-A?o=?)(.+)$/.exec(word)?.[1] ?? []
    })
    .at(-1)
  return allOutputFormats.find(format => format === requested) ?? 'text'
}

/** Returns the result as text for stdout. */
export async function renderView({ text, data, names, junit }: View, format: OutputFormat): Promise<string> {
  switch (format) {
    case 'text':
      return text
    case 'json':
      return `${JSON.stringify(data, null, 2)}\n`
    case 'yaml':
      return (await import('../yaml.js')).stringify(data)
    case 'name':
      return names.map(name => `${name}\n`).join('')
    case 'junit':
      return junit?.() ?? ''
  }
}
