/** The values of a flag or an argument, as far as a shell can complete them. `list` allows several in one word, separated by commas. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly list: boolean }
  | { readonly kind: 'file'; readonly list: boolean }
  /** The command line of another program. */
  | { readonly kind: 'command' }
  /** Any text. The shell offers nothing. */
  | { readonly kind: 'anything' }

/** What a completion script needs to know about a flag. */
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
  readonly path: string
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

/** A flag, with the commands that take it. */
export interface FlagWithPaths extends FlagShape {
  /** The paths of the commands. Undefined if the flag has the same values in every command that takes it. */
  readonly paths: readonly string[] | undefined
}

/** Returns every distinct flag once. Most commands take the same flags, so this keeps the scripts short. */
export function distinctFlags(root: CommandShape): FlagWithPaths[] {
  const byNamesAndValues = new Map<string, { flag: FlagShape; paths: string[] }>()
  for (const { path, flags } of allCommands(root)) {
    for (const flag of flags) {
      const key = JSON.stringify([flag.names, flag.values])
      const entry = byNamesAndValues.get(key) ?? { flag, paths: [] }
      entry.paths.push(path)
      byNamesAndValues.set(key, entry)
    }
  }
  const entries = [...byNamesAndValues.values()]
  const isUnambiguous = ({ names }: FlagShape): boolean =>
    entries.filter(({ flag }) => flag.names.some(name => names.includes(name))).length === 1
  return entries.map(({ flag, paths }) => ({ ...flag, paths: isUnambiguous(flag) ? undefined : paths }))
}
