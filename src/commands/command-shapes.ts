import type { Command, Option } from 'commander'
import { authMethods } from '../config/auth-methods.js'
import { cloudNames } from '../config/clouds.js'
import type { Io } from '../terminal/io.js'
import type { CommandShape, FlagShape, Values } from '../terminal/completion/command-shape.js'
import { phases } from '../phases/index.js'
import { createProgram } from '../program.js'
import { commands } from './index.js'

/** Flags whose values are known, though their parsers, which also take other spellings, do not tell. */
const knownValues: Readonly<Record<string, Values>> = {
  '--azure-env': { kind: 'words', words: cloudNames, list: false },
  '--cloud': { kind: 'words', words: cloudNames, list: false },
  '--auth-method': { kind: 'words', words: authMethods, list: false },
  '--skip-phases': { kind: 'words', words: phases.map(({ name }) => name), list: true }
}

/** The whole tree of commands. A program has only that command in full which it is made for, so one is made for each. */
export async function commandShapes(io: Io): Promise<CommandShape> {
  const programs = await Promise.all(commands.map(({ name }) => createProgram(io, [name], () => undefined, true)))
  const [program] = programs
  if (program === undefined) throw new Error('there are no commands')
  const loaded = programs.map((each, index) => shapeOf(named(each, commands[index]?.name ?? ''), program.name()))
  return { ...shapeOf(program, ''), commands: [...loaded, helpShape(program)] }
}

function shapeOf(command: Command, parent: string): CommandShape {
  const help = command.createHelp()
  const place = `${parent} ${command.name()}`.trim()
  const [argument] = command.registeredArguments
  return {
    place,
    name: command.name(),
    aliases: command.aliases(),
    summary: command.summary() || command.description(),
    flags: help.visibleOptions(command).map(flagShape),
    argument: argument && valuesOf(argument.argChoices, argument.name(), argument.variadic ? 'command' : 'anything'),
    commands: command.commands.map(child => shapeOf(child, place))
  }
}

/** `azwi help <command>`: commander makes it up as it goes. */
function helpShape(program: Command): CommandShape {
  const words = commands.map(({ name }) => name)
  return {
    place: `${program.name()} help`,
    name: 'help',
    aliases: [],
    summary: 'Show the help of a command',
    flags: [],
    argument: { kind: 'words', words, list: false },
    commands: []
  }
}

function flagShape(option: Option): FlagShape {
  const { short, long, description, argChoices, parseArg, flags } = option
  const takesValue = option.required || option.optional
  const placeholder = /[<[]([^>\]]*)[>\]]/.exec(flags)?.[1] ?? ''
  return {
    names: [short, long].filter(name => name !== undefined),
    description,
    values: takesValue ? (knownValues[long ?? ''] ?? valuesOf(argChoices, placeholder, 'anything')) : undefined,
    // Choices bring a parser of commander's; any other one is there to collect.
    repeatable: parseArg !== undefined && argChoices === undefined
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

function named(program: Command, name: string): Command {
  const found = program.commands.find(command => command.name() === name)
  if (found === undefined) throw new Error(`there is no command ${name}`)
  return found
}
