/** The values of a flag or an argument, as far as a shell can complete them. `list`: several in one word, separated by commas. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly list: boolean }
  | { readonly kind: 'file'; readonly list: boolean }
  /** The command line of another program. */
  | { readonly kind: 'command' }
  /** Nothing to offer. */
  | { readonly kind: 'anything' }

export interface FlagShape {
  /** As in the help, the short one first: `-o`, `--output`. */
  readonly names: readonly string[]
  readonly description: string
  /** Undefined for a switch. */
  readonly values: Values | undefined
  readonly isRepeatable: boolean
}

/** What a completion script needs to know about a command. */
export interface CommandShape {
  /** The words that call it, without aliases: `azwi serviceaccount create`. */
  readonly place: string
  readonly name: string
  readonly aliases: readonly string[]
  readonly summary: string
  readonly flags: readonly FlagShape[]
  /** The first argument, if the command takes any. */
  readonly argument: Values | undefined
  readonly commands: readonly CommandShape[]
}

/** Returns the command and all commands below it. */
export function allCommands(root: CommandShape): CommandShape[] {
  return [root, ...root.commands.flatMap(allCommands)]
}

export interface FlagAtPlaces extends FlagShape {
  /** The commands that take it; undefined if no other command takes a flag of the same name with other values. */
  readonly places: readonly string[] | undefined
}

/** Returns every distinct flag once. Most commands take the same flags, so this keeps the scripts short. */
export function distinctFlags(root: CommandShape): FlagAtPlaces[] {
  const byNamesAndValues = new Map<string, { flag: FlagShape; places: string[] }>()
  for (const { place, flags } of allCommands(root)) {
    for (const flag of flags) {
      const key = JSON.stringify([flag.names, flag.values])
      const entry = byNamesAndValues.get(key) ?? { flag, places: [] }
      entry.places.push(place)
      byNamesAndValues.set(key, entry)
    }
  }
  const entries = [...byNamesAndValues.values()]
  const isUnambiguous = ({ names }: FlagShape): boolean =>
    entries.filter(({ flag }) => flag.names.some(name => names.includes(name))).length === 1
  return entries.map(({ flag, places }) => ({ ...flag, places: isUnambiguous(flag) ? undefined : places }))
}
