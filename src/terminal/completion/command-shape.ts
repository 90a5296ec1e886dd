/** What a flag or an argument takes, as far as a shell can help with it. `list`: several in one, separated by commas. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly list: boolean }
  | { readonly kind: 'file'; readonly list: boolean }
  /** A command line of some other program. */
  | { readonly kind: 'command' }
  /** Nothing that could be known here. */
  | { readonly kind: 'anything' }

export interface FlagShape {
  /** As in the help, the short one first: `-o`, `--output`. */
  readonly names: readonly string[]
  readonly description: string
  /** Undefined for a switch. */
  readonly values: Values | undefined
  /** May be given several times. */
  readonly repeatable: boolean
}

/** A command as a shell must know it to complete what follows it. */
export interface CommandShape {
  /** The words that lead to it, by their full names: `azwi serviceaccount create`. */
  readonly place: string
  readonly name: string
  readonly aliases: readonly string[]
  readonly summary: string
  readonly flags: readonly FlagShape[]
  /** What comes after the flags, where there are no subcommands. */
  readonly argument: Values | undefined
  readonly commands: readonly CommandShape[]
}

/** The command and all below it. */
export function everyCommand(root: CommandShape): CommandShape[] {
  return [root, ...root.commands.flatMap(everyCommand)]
}

export interface FlagAtPlaces extends FlagShape {
  /** Undefined where a flag of that name means the same wherever there is one. */
  readonly places: readonly string[] | undefined
}

/** Every distinct flag once, with the places where it may stand: a tree of commands repeats most of its flags. */
export function distinctFlags(root: CommandShape): FlagAtPlaces[] {
  const found = new Map<string, { flag: FlagShape; places: string[] }>()
  for (const { place, flags } of everyCommand(root)) {
    for (const flag of flags) {
      const key = JSON.stringify([flag.names, flag.values])
      const entry = found.get(key) ?? { flag, places: [] }
      entry.places.push(place)
      found.set(key, entry)
    }
  }
  const entries = [...found.values()]
  const isAlone = ({ names }: FlagShape): boolean =>
    entries.filter(({ flag }) => flag.names.some(name => names.includes(name))).length === 1
  return entries.map(({ flag, places }) => ({ ...flag, places: isAlone(flag) ? undefined : places }))
}
