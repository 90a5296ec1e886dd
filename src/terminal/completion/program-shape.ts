import type { Command, Option } from 'commander'
import type { CommandShape, FlagShape, Values } from './command-shape.js'

/** The values of flags by their long name, for flags that are not declared with their values. */
export type KnownValues = Readonly<Record<string, Values>>

/** Reads the shape of a whole program from its commander root. */
export function programShape(program: Command, knownValues: KnownValues): CommandShape {
  const shape = shapeOf(program, '', knownValues)
  return { ...shape, commands: [...shape.commands, helpShape(shape)] }
}

function shapeOf(command: Command, parent: string, knownValues: KnownValues): CommandShape {
  const path = `${parent} ${command.name()}`.trim()
  const [argument] = command.registeredArguments
  const flags = command
    .createHelp()
    .visibleOptions(command)
    .map(option => flagShape(option, knownValues))
  const commands = command.commands.map(child => shapeOf(child, path, knownValues))
  return {
    path,
    name: command.name(),
    aliases: command.aliases(),
    summary: command.summary() || command.description(),
    // Flags can stand before the subcommand. The root would offer too many.
    flags: parent === '' ? flags : distinctByName([...flags, ...commands.flatMap(child => child.flags)]),
    argument: argument && valuesOf(argument.argChoices, argument.name(), argument.variadic ? 'command' : 'anything'),
    commands
  }
}

/** Returns the first flag of each name. */
function distinctByName(flags: readonly FlagShape[]): FlagShape[] {
  return [...new Map(flags.toReversed().map(flag => [flag.names.at(-1), flag])).values()].toReversed()
}

/** Returns the shape of `azwi help <command>`. Commander adds this command only when it runs. */
function helpShape({ name, commands }: CommandShape): CommandShape {
  return {
    path: `${name} help`,
    name: 'help',
    aliases: [],
    summary: 'Show the help of a command',
    flags: [],
    argument: { kind: 'words', words: commands.map(command => command.name), list: false },
    commands: []
  }
}

function flagShape({ short, long, description, ...option }: Option, knownValues: KnownValues): FlagShape {
  const placeholder = /[<[]([^>\]]*)[>\]]/.exec(option.flags)?.[1] ?? ''
  return {
    names: [short, long].filter(name => name !== undefined),
    description,
    values:
      option.required || option.optional
        ? (knownValues[long ?? ''] ?? valuesOf(option.argChoices, placeholder, 'anything'))
        : undefined,
    // Commander itself sets a parser for a flag with choices. Any other parser collects repeated values.
    isRepeatable: option.parseArg !== undefined && option.argChoices === undefined
  }
}

function valuesOf(
  choices: readonly string[] | undefined,
  placeholder: string,
  otherwise: 'command' | 'anything'
): Values {
  if (choices !== undefined) return { kind: 'words', words: choices, list: false }
  if (['file', 'files', 'path'].includes(placeholder)) return { kind: 'file', list: placeholder === 'files' }
  return { kind: otherwise }
}
