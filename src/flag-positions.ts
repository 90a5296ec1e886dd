import { type Command, Option } from 'commander'
import { UsageError } from './errors.js'

/** The help flag of every command. Commander does not list it among the options of a command. */
export const helpOption = new Option('-h, --help', 'show this help')

/** A flag of a command line, with the words that pass it to commander. */
interface GivenFlag {
  readonly option: Option
  readonly words: readonly string[]
}

/** The flags in one word of the command line. Short switches can share a word. */
interface ReadFlags {
  readonly flags: readonly GivenFlag[]
  /** Whether the next word is the value of the last flag. */
  readonly takesNext: boolean
}

/**
 * Moves the flags behind the commands, so that the last command parses all of them. A flag can then stand before the subcommand that takes
 * it, as in `azwi sa -s <guid> delete --dry-run phase app`, and the last command refuses a flag that it does not take. The flags keep their
 * order: if a flag is given twice, the later value counts, and a repeatable flag has both values.
 *
 * Also accepts `-s=<value>` and `--debug=false`, which commander does not. Source: cobra and pflag, which the Go azwi uses.
 *
 * @throws UsageError for a switch with another value than true or false, and for flags of a missing subcommand
 */
export function withFlagsLast(program: Command, words: readonly string[]): readonly string[] {
  const path = [program]
  const pathWords: string[] = []
  const operands: string[] = []
  let flags: readonly GivenFlag[] = []
  let isAfterFlags = false
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    const command = path.at(-1) ?? program
    if (!isAfterFlags && word === '--') {
      isAfterFlags = true
    } else if (!isAfterFlags && word.startsWith('-') && word !== '-') {
      const read = word.startsWith('--')
        ? readLongFlag(command, word, words[index + 1])
        : readShortFlags(command, word, words[index + 1])
      // Commander refuses the unknown flag, and suggests similar ones of this command.
      if (read === undefined) return [...pathWords, ...words.slice(index)]
      flags = read.flags.reduce(withFlag, flags)
      if (read.takesNext) index++
    } else {
      const child = operands.length > 0 ? undefined : command.commands.find(child => isNamed(child, word))
      if (child !== undefined) {
        path.push(child)
        pathWords.push(word)
        continue
      }
      operands.push(word)
      // The operands of `sandbox run` are another program's command line.
      isAfterFlags ||= command.registeredArguments.some(({ variadic }) => variadic)
    }
  }
  const command = path.at(-1) ?? program
  const ofCommand = command.commands.length === 0 ? flags : flags.filter(({ option }) => isOptionOf(command, option))
  if (operands.length === 0 && ofCommand.length < flags.length) throw missingCommand(path)
  return [...pathWords, ...wordsOf(ofCommand), ...(operands.length === 0 ? [] : ['--', ...operands])]
}

/** Reads `--flag`, `--flag value` or `--flag=value`. Returns undefined if no command from here on has the flag. */
function readLongFlag(command: Command, word: string, next: string | undefined): ReadFlags | undefined {
  const [name, value] = splitOnce(word)
  const option = findOption(command, name)
  if (option === undefined) return undefined
  if (!takesValue(option)) return { flags: [readSwitch(option, name, value)], takesNext: false }
  return value === undefined
    ? flagWithNext(option, name, next)
    : { flags: [{ option, words: [word] }], takesNext: false }
}

/** Reads `-f value`, `-fvalue`, `-f=value`, and switches before it in the same word. Returns undefined if a flag is unknown. */
function readShortFlags(command: Command, word: string, next: string | undefined): ReadFlags | undefined {
  const [letters, value] = splitOnce(word.slice(1))
  const flags: GivenFlag[] = []
  for (let index = 0; index < letters.length; index++) {
    const name = `-${letters.charAt(index)}`
    const option = findOption(command, name)
    if (option === undefined) return undefined
    const isLast = index === letters.length - 1
    if (!takesValue(option)) {
      flags.push(readSwitch(option, name, isLast ? value : undefined))
    } else if (isLast && value === undefined) {
      const { flags: withValue, takesNext } = flagWithNext(option, name, next)
      return { flags: [...flags, ...withValue], takesNext }
    } else {
      const text = isLast ? value : word.slice(index + 2)
      return { flags: [...flags, { option, words: [name, text ?? ''] }], takesNext: false }
    }
  }
  return { flags, takesNext: false }
}

const flagWithNext = (option: Option, name: string, next: string | undefined): ReadFlags => ({
  flags: [{ option, words: next === undefined ? [name] : [name, next] }],
  takesNext: next !== undefined
})

/** Returns a switch without words if its value is false. Accepts the spellings of Go's `strconv.ParseBool`. */
function readSwitch(option: Option, name: string, value: string | undefined): GivenFlag {
  if (value === undefined || /^(1|t|T|TRUE|true|True)$/.test(value)) return { option, words: [name] }
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return { option, words: [] }
  throw new UsageError(`${name} "${value}" is neither true nor false`, `write ${name}, or ${name}=false`)
}

/** Adds a flag. A switch that is turned off removes the earlier ones. */
function withFlag(flags: readonly GivenFlag[], flag: GivenFlag): readonly GivenFlag[] {
  return flag.words.length > 0 ? [...flags, flag] : flags.filter(({ option }) => keyOf(option) !== keyOf(flag.option))
}

function missingCommand(path: readonly Command[]): UsageError {
  const names = path.map(command => command.name()).join(' ')
  return new UsageError(`"${names}" needs a command after it`, `see: ${names} --help`)
}

/** Finds an option of the command or of a command below it. */
function findOption(command: Command, name: string): Option | undefined {
  const option = [...command.options, helpOption].find(({ short, long }) => name === short || name === long)
  if (option !== undefined) return option
  for (const child of command.commands) {
    const found = findOption(child, name)
    if (found !== undefined) return found
  }
  return undefined
}

function isOptionOf(command: Command, option: Option): boolean {
  return [...command.options, helpOption].some(candidate => keyOf(candidate) === keyOf(option))
}

function splitOnce(word: string): readonly [string, string?] {
  const end = word.indexOf('=')
  return end === -1 ? [word] : [word.slice(0, end), word.slice(end + 1)]
}

const isNamed = (command: Command, word: string): boolean => [command.name(), ...command.aliases()].includes(word)
const takesValue = ({ required, optional }: Option): boolean => required || optional
/** Commands declare their own objects for the same flag. */
const keyOf = (option: Option): string => option.attributeName()
const wordsOf = (flags: readonly GivenFlag[]): string[] => flags.flatMap(({ words }) => words)
