import { Command, CommanderError, Option } from 'commander'
import { helpOption } from './flag-positions.js'
import { type CommandEntry, commands } from './commands/index.js'
import { UsageError } from './errors.js'
import { type OutputFormat, outputFormats } from './terminal/format.js'
import type { Io } from './terminal/io.js'

/** The command line that a program is for. */
interface ProgramOptions {
  /**
   * The command line. The program loads only the command that it calls; the others have only a name and a summary. By default, all are
   * loaded.
   */
  readonly words?: readonly string[]
  /** Called with the name of each subcommand on the path to the one that runs. */
  readonly entered?: (name: string) => void
}

/**
 * Creates the commander root. It never ends the process. After help, and for a wrong command line, it throws a CommanderError, which
 * `isHelp` and `asUsageError` recognize.
 */
export async function createProgram(
  io: Io,
  { words, entered = () => undefined }: ProgramOptions = {}
): Promise<Command> {
  const program = new Command('azwi')
    .description('Connects Kubernetes service accounts to Azure identities: no secret in the pod.')
    .enablePositionalOptions()
    .usage('<command> [flags]')
    .helpCommand(true)
  const addCommonFlags = (command: Command, formats: readonly OutputFormat[]): void => {
    command
      .exitOverride()
      // As in kubectl, a noun without a verb shows its help on stdout. `reportError` prints the errors.
      .configureOutput({ writeOut: io.print, writeErr: io.print, outputError: () => undefined })
      .addHelpOption(helpOption)
      .option('--debug', 'log every request (never its headers or body), and stacks of errors')
      // `requestedFormat` reads the format before commander does. The flag is declared for the help, and to refuse other values.
      .addOption(new Option('-o, --output <format>', `${formats.join(', ')} (default text)`).choices(formats))
      .hook('preSubcommand', (_, child) => {
        entered(child.name())
      })
  }
  const notFlags = words?.filter(word => !word.startsWith('-')) ?? []
  const name = notFlags.find(word => entryOf(word) !== undefined)
  const called = entryOf(name)
  const rest = notFlags.filter(word => word !== name)
  for (const entry of commands) {
    const command =
      words === undefined || entry === called
        ? (await entry.load())(io, words === undefined ? undefined : rest, () => createProgram(io))
        : new Command(entry.name).allowUnknownOption()
    command.description(command.description() || entry.summary).summary(entry.summary)
    if (entry.alias !== undefined) command.alias(entry.alias)
    visit(command, child => {
      addCommonFlags(child, entry.formats ?? outputFormats)
    })
    program.addCommand(command)
  }
  addCommonFlags(program, outputFormats)
  return program
}

/** Converts `help sa create` to `sa create --help`: commander's own help command takes one word and accepts unknown ones. */
export function withHelpFlag(words: readonly string[]): readonly string[] {
  const [first, ...called] = words
  if (first !== 'help' || called[0] === undefined || called[0].startsWith('-')) return words
  return entryOf(called[0]) === undefined ? called : [...called, '--help']
}

/** Reports whether commander stopped because it has shown help, which is not a failure. */
export function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help')
}

/**
 * Converts commander's errors to UsageErrors that point to the help of `path`, such as `azwi serviceaccount`. Returns any other error as it
 * is.
 */
export function asUsageError(error: unknown, path: string): unknown {
  if (!(error instanceof CommanderError)) return error
  // Not with its value, as in `--client-secret=<secret>` for a command without this flag.
  const message = error.message.replace(/^error: /, '').replace(/^(unknown option '[^'=\n]*)=[^\n]*/, "$1'")
  return new UsageError(message.replace(/\n+/g, ' '), `see: ${path} --help`, error)
}

const entryOf = (word: string | undefined): CommandEntry | undefined =>
  commands.find(({ name, alias }) => word !== undefined && [name, alias].includes(word))

function visit(command: Command, act: (command: Command) => void): void {
  act(command)
  for (const child of command.commands) visit(child, act)
}
