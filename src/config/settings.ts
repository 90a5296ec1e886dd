import { UsageError } from '../errors.js'
import { flagOf, optionFor, type OptionName, type OptionValue } from './options.js'

type Environment = Readonly<Record<string, string | undefined>>
/** Where the value of an option comes from. */
type Source = 'flag' | 'environment' | 'default'

interface Setting {
  readonly value: unknown
  readonly source: Source
  /** The name of the flag or variable. */
  readonly origin: string
}

/**
 * The values of the options that a command takes. A flag overrides the environment, which overrides the default.
 * It ignores the variables of other options, so that a wrong one does not break a command that does not use it.
 */
export class Settings {
  readonly #settings = new Map<OptionName, Setting>()

  /**
   * Parses all values. Throws a UsageError for the first invalid one. `flags` has camel-case names. Its values are texts from the command
   * line, or maps and lists from a workload file.
   */
  constructor(names: readonly OptionName[], flags: Readonly<Record<string, unknown>>, environment: Environment) {
    for (const name of names) {
      const setting = readSetting(name, flags[name], environment)
      if (setting !== undefined) this.#settings.set(name, setting)
    }
    for (const name of names) {
      const { onlyWith } = optionFor(name)
      if (onlyWith === undefined || !this.given(name) || this.given(onlyWith)) continue
      throw new UsageError(
        `${flagOf(name)} has no meaning without ${flagOf(onlyWith)}`,
        `add ${flagOf(onlyWith)}, or leave out ${flagOf(name)}`
      )
    }
  }

  /** Returns the value, or undefined if there is neither a value nor a default. */
  get<Name extends OptionName>(name: Name): OptionValue<Name> | undefined {
    return this.#settings.get(name)?.value as OptionValue<Name> | undefined
  }

  /** Returns the value. Throws a UsageError that names the flag if there is none. */
  require<Name extends OptionName>(name: Name): OptionValue<Name> {
    const value = this.get(name)
    if (value !== undefined) return value
    const { environment: variable, value: placeholder = '' } = optionFor(name)
    const other = variable === undefined ? '' : ` (or the environment variable ${variable})`
    throw new UsageError(`${flagOf(name)} is required`, `add ${flagOf(name)} ${placeholder}${other}`)
  }

  /** Returns all values of a repeatable option, in the order given. */
  all<Name extends OptionName>(name: Name): readonly OptionValue<Name>[] {
    const value = this.#settings.get(name)?.value
    return (value ?? []) as readonly OptionValue<Name>[]
  }

  /** Reports whether the value comes from a flag or from the environment, not from the default. */
  given(name: OptionName): boolean {
    const source = this.#settings.get(name)?.source
    return source === 'flag' || source === 'environment'
  }

  /** Returns the origin of a value, for messages: `--client-id`, `AZURE_CLIENT_ID`. */
  origin(name: OptionName): string {
    return this.#settings.get(name)?.origin ?? flagOf(name)
  }
}

function readSetting(name: OptionName, flag: unknown, environment: Environment): Setting | undefined {
  const option = optionFor(name)
  if (Array.isArray(flag))
    return {
      value: flag.map(item => (isParsed(item) ? item : option.parse(String(item), flagOf(name)))),
      source: 'flag',
      origin: flagOf(name)
    }
  if (isParsed(flag)) return { value: flag, source: 'flag', origin: flagOf(name) }
  if (flag === true) return { value: true, source: 'flag', origin: flagOf(name) }
  if (typeof flag === 'string') return { value: option.parse(flag, flagOf(name)), source: 'flag', origin: flagOf(name) }
  const variable = option.environment
  const text = variable === undefined ? undefined : environment[variable]
  // CI systems set a variable to the empty text for "not set".
  if (variable !== undefined && text !== undefined && text !== '') {
    return { value: option.parse(text, variable), source: 'environment', origin: variable }
  }
  if (option.default === undefined) return undefined
  return { value: option.parse(option.default, flagOf(name)), source: 'default', origin: 'default' }
}

/** Maps and lists of a workload file have been validated with the file. The command line has only texts. */
const isParsed = (flag: unknown): flag is object => typeof flag === 'object' && flag !== null
