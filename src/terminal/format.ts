/** The values of `-o` on every command: for people, for programs, and for shell loops. */
export const outputFormats = ['text', 'json', 'yaml', 'name'] as const
/** With those that only some commands have, as their rows in the table of commands say. */
export const everyFormat = [...outputFormats, 'junit'] as const
export type OutputFormat = (typeof everyFormat)[number]

/** A command's result in every shape that it can be asked for. */
export interface View {
  /** What `-o text` prints; empty where the log has said it all. */
  readonly text: string
  /** What `-o json` and `-o yaml` print: the shapes of docs/output.md, a contract. */
  readonly data: unknown
  /** What `-o name` prints, a line each: `kind/name`, as kubectl has it. */
  readonly names: readonly string[]
  /** What `-o junit` prints, on a command that has it. */
  readonly junit?: () => string
}

/**
 * The format that a command line asks for, found before it is parsed, since an error in it is to be told in that format too. One that
 * there is not is refused when the line is parsed; until then it is text.
 */
export function outputFormatOf(words: readonly string[]): OutputFormat {
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
  const wanted = own
    .flatMap((word, index) => {
      if (word === '-o' || word === '--output') return own[index + 1] ?? ''
      return /^(?:--output=|-o=?)(.+)$/.exec(word)?.[1] ?? []
    })
    .at(-1)
  return everyFormat.find(each => each === wanted) ?? 'text'
}

/** The result as it goes to stdout. */
export async function renderView({ text, data, names, junit }: View, format: OutputFormat): Promise<string> {
  switch (format) {
    case 'text':
      return text
    case 'json':
      return `${JSON.stringify(data, null, 2)}\n`
    case 'yaml':
      return (await import('../config/yaml.js')).stringify(data)
    case 'name':
      return names.map(name => `${name}\n`).join('')
    case 'junit':
      return junit?.() ?? ''
  }
}
