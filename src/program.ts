import { Command, CommanderError, Option } from 'commander'
import { commands } from './commands/index.js'
import { UsageError } from './errors.js'
import { outputFormats } from './terminal/format.js'
import type { Io } from './terminal/io.js'

/**
 * The commander root with the command that `words` call for, as far as they call it (all of it, where it is asked for whole), and every other one
 * as a line in the help.
 * It never ends the process: it throws a CommanderError, which `asUsageError` puts into our words. `entered` hears of every subcommand on the way.
 */
export async function createProgram(
  io: Io,
  words: readonly string[],
  entered: (name: string) => void,
  whole = false
): Promise<Command> {
  const program = new Command('azwi')
    .description('Connects Kubernetes service accounts to Azure identities: no secret in the pod.')
    .enablePositionalOptions()
    .option('--debug', 'log every request (never its headers or body), and stacks of errors')
    .usage('<command> [flags]')
  const [called, ...rest] = words.filter((word, index) => !word.startsWith('-') && !takesValue(words[index - 1]))
  const formats =
    commands.find(({ name, alias }) => called !== undefined && [name, alias].includes(called))?.formats ?? outputFormats
  for (const { name, alias, summary, load } of commands) {
    const command =
      called !== undefined && [name, alias].includes(called)
        ? (await load())(io, whole ? undefined : rest)
        : new Command(name).allowUnknownOption()
    command.description(command.description() || summary).summary(summary)
    if (alias !== undefined) command.alias(alias)
    program.addCommand(command)
  }
  program.helpCommand(true)
  visit(program, command => {
    // A noun without a verb shows its help, as kubectl does: that is an answer, so it goes to stdout.
    command
      .exitOverride()
      .configureOutput({ writeOut: io.print, writeErr: io.print, outputError: () => undefined })
      .helpOption('-h, --help', 'show this help')
    if (command !== program) command.option('--debug', 'log every request, and stacks of errors')
    // Read by `outputFormatOf` before commander sees it; declared for the help, and so that it is no unknown option.
    // It may stand before the command as well, so the root takes what the command does.
    command.addOption(new Option('-o, --output <format>', `${formats.join(', ')} (default text)`).choices(formats))
    command.hook('preSubcommand', (_, child) => {
      entered(child.name())
    })
  })
  return program
}

/** `azwi help sa create` is `azwi sa create --help`: commander's own help command looks no deeper than one word, and knows no wrong one. */
export function helpAsked(words: readonly string[]): readonly string[] {
  const [first, ...called] = words
  if (first !== 'help' || called[0] === undefined || called[0].startsWith('-')) return words
  return commands.some(({ name, alias }) => [name, alias].includes(called[0])) ? [...called, '--help'] : called
}

/** Whether commander stopped because it has shown help, which is no failure. */
export function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help')
}

/** Says commander's complaint in our words. */
export function asUsageError(error: unknown, path: string): unknown {
  if (!(error instanceof CommanderError)) return error
  return new UsageError(error.message.replace(/^error: /, '').replace(/\n+/g, ' '), `see: ${path} --help`, error)
}

/** Of the flags that may stand before a command, the one that takes a value. */
const takesValue = (word: string | undefined): boolean => word === '-o' || word === '--output'

function visit(command: Command, act: (command: Command) => void): void {
  act(command)
  for (const child of command.commands) visit(child, act)
}
