import { UsageError } from '../errors.js'
import { flagOf, optionFor, type OptionName, type OptionValue } from './options.js'

type Environment = Readonly<Record<string, string | undefined>>
export type Source = 'flag' | 'environment' | 'default'

interface Setting {
  readonly value: unknown
  readonly source: Source
  /** Flag or variable, as the user wrote it. */
  readonly origin: string
}

/**
 * What the user asked for: flag before environment before default, each value parsed once and knowing where it came from.
 * Only the options that the command takes are read, so that a stray variable cannot break a verb that has no use for it.
 */
export class Settings {
  readonly #settings = new Map<OptionName, Setting>()

  /** Throws a UsageError for the first value that cannot be meant. `flags` is what commander collected: texts by camel-case name; or records of a workloads file. */
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

  /** The value, or undefined where the user gave none and there is no default. */
  get<Name extends OptionName>(name: Name): OptionValue<Name> | undefined {
    return this.#settings.get(name)?.value as OptionValue<Name> | undefined
  }

  /** The value; throws a UsageError that names the flag where there is none. */
  require<Name extends OptionName>(name: Name): OptionValue<Name> {
    const value = this.get(name)
    if (value !== undefined) return value
    const { environment: variable, value: placeholder = '' } = optionFor(name)
    const other = variable === undefined ? '' : ` (or the environment variable ${variable})`
    throw new UsageError(`${flagOf(name)} is required`, `add ${flagOf(name)} ${placeholder}${other}`)
  }

  /** Every value of an option that may be given several times, in the order given. */
  all<Name extends OptionName>(name: Name): readonly OptionValue<Name>[] {
    const value = this.#settings.get(name)?.value
    return (value ?? []) as readonly OptionValue<Name>[]
  }

  /** Whether the user said it, by flag or environment, rather than the default. */
  given(name: OptionName): boolean {
    const source = this.#settings.get(name)?.source
    return source === 'flag' || source === 'environment'
  }

  /** Where a value came from, for messages: `--client-id`, `AZURE_CLIENT_ID`. */
  origin(name: OptionName): string {
    return this.#settings.get(name)?.origin ?? flagOf(name)
  }
}

function readSetting(name: OptionName, flag: unknown, environment: Environment): Setting | undefined {
  const option = optionFor(name)
  if (Array.isArray(flag))
    return {
      value: flag.map(each => (isParsed(each) ? each : option.parse(String(each), flagOf(name)))),
      source: 'flag',
      origin: flagOf(name)
    }
  if (isParsed(flag)) return { value: flag, source: 'flag', origin: flagOf(name) }
  if (flag === true) return { value: true, source: 'flag', origin: flagOf(name) }
  if (typeof flag === 'string') return { value: option.parse(flag, flagOf(name)), source: 'flag', origin: flagOf(name) }
  const variable = option.environment
  const text = variable === undefined ? undefined : environment[variable]
  // An empty variable is how CI systems spell "not set".
  if (variable !== undefined && text !== undefined && text !== '') {
    return { value: option.parse(text, variable), source: 'environment', origin: variable }
  }
  if (option.default === undefined) return undefined
  return { value: option.parse(option.default, flagOf(name)), source: 'default', origin: 'default' }
}

/** A workloads file has records, which were checked where they were read; the command line has only texts. */
const isParsed = (flag: unknown): flag is object => typeof flag === 'object' && flag !== null
