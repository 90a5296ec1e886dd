import type { Argument, Command, Option as Flag } from 'commander'
import { azureOptions, flagOf, optionFor, type OptionName, options, workloadFields } from '../../src/config/options.js'
import type { Option, Verb } from '../../src/config/options/option.js'

/** The tables of flags and fields in the documents, as Markdown, by the name in their marker. `program` has every command in full. */
export function tables(program: Command): Readonly<Record<string, string>> {
  const create = flagsOf(program, 'serviceaccount', 'create')
  const login: readonly string[] = azureOptions.map(flagOf)
  return {
    'flags of create and delete': flagTable(
      merged(create, flagsOf(program, 'serviceaccount', 'delete')).filter(({ long }) => !login.includes(long))
    ),
    'flags of the Azure login': loginTable(),
    'flags of apply': flagTable(
      flagsOf(program, 'serviceaccount', 'apply').filter(({ long }) => !login.includes(long))
    ),
    'flags of doctor': flagTable([
      ...commandAt(program, 'doctor').registeredArguments.map(argumentRow),
      ...flagsOf(program, 'doctor').filter(({ option }) => option === undefined)
    ]),
    'fields of a workload': table(
      ['field', 'flag', 'default', 'meaning'],
      [
        ...workloadFields.filter(({ path }) => !path.includes('.')).map(fieldRow),
        [
          code('namespaces'),
          '',
          '',
          'Several namespaces, instead of `namespace`: a service account with this name in each'
        ]
      ]
    ),
    'fields of a cluster': table(
      ['field', 'flag', 'default', 'meaning'],
      workloadFields.filter(({ path }) => path.startsWith('cluster.')).map(fieldRow)
    ),
    'fields of an identity': table(
      ['field', 'flag', 'default', 'meaning'],
      workloadFields.filter(({ path }) => path.startsWith('identity.')).map(fieldRow)
    )
  }
}

/** A flag of one verb. */
interface FlagRow {
  readonly long: string
  /** The flag as the help shows it: `-s, --subscription-id <guid>`. */
  readonly flags: string
  /** The definition, if the verb takes the flag from the table of options. */
  readonly option?: Option
  readonly default: string
  readonly meaning: string
}

/** Every command has these. */
const commonFlags: readonly string[] = ['--help', '--output']

/** Returns the flags of a command in the order of the table of options. Flags that are not in it come last, in the order of the help. */
function flagsOf(program: Command, ...words: readonly string[]): FlagRow[] {
  const command = commandAt(program, ...words)
  const verb = words.at(-1) as Verb
  const rows = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => !commonFlags.includes(long ?? ''))
    .map(flag => flagRow(flag, verb))
  return inTableOrder(rows)
}

const optionNames = Object.keys(options) as readonly OptionName[]

function inTableOrder(rows: readonly FlagRow[]): FlagRow[] {
  const order = optionNames.map(flagOf)
  const rank = ({ long, option }: FlagRow): number => (option === undefined ? order.length : order.indexOf(long))
  return rows.toSorted((a, b) => rank(a) - rank(b))
}

function flagRow({ long, flags, description }: Flag, verb: Verb): FlagRow {
  const name = optionNames.find(candidate => flagOf(candidate) === long)
  // A verb can declare a flag of the same name with a meaning of its own.
  const option =
    name !== undefined && description.startsWith(plain(optionFor(name, verb).description)) ? name : undefined
  if (option === undefined) return { long: long ?? '', flags, ...partsOf(description) }
  const definition = optionFor(option, verb)
  return {
    long: flagOf(option),
    flags,
    option: definition,
    default: defaultOf(definition),
    meaning: definition.description
  }
}

const plain = (markdown: string): string => markdown.replaceAll('`', '')

const argumentRow = (argument: Argument): FlagRow => ({
  long: '',
  flags: `<${argument.name()}>`,
  ...partsOf(argument.description)
})

/** Splits a help text that commander has: `meaning (default: text)`. */
function partsOf(description: string): { readonly default: string; readonly meaning: string } {
  const [, meaning = '', standard = ''] = /^(.*?)(?: \(default:? (.*)\))?$/s.exec(description) ?? []
  return { default: /^\w+$/.test(standard) ? code(standard) : escaped(standard), meaning: escaped(meaning) }
}

/** Puts the flags of create and delete into one list, with a note where they differ. */
function merged(create: readonly FlagRow[], remove: readonly FlagRow[]): FlagRow[] {
  const both = create.map(row => {
    const other = remove.find(({ long }) => long === row.long)
    if (other === undefined) return { ...row, meaning: `(create) ${row.meaning}` }
    return {
      ...row,
      default: joined(row.default, other.default),
      meaning: joined(row.meaning, other.meaning)
    }
  })
  const onlyDelete = remove.filter(({ long }) => !create.some(row => row.long === long))
  return inTableOrder([...both, ...onlyDelete.map(row => ({ ...row, meaning: `(delete) ${row.meaning}` }))])
}

const joined = (create: string, remove: string): string =>
  create === remove ? create : [create, `(delete) ${remove}`].filter(part => part !== '').join('<br>')

const flagTable = (rows: readonly FlagRow[]): string =>
  table(
    ['flag', 'default', 'meaning'],
    rows.map(row => [code(row.flags), row.default, row.meaning])
  )

const loginTable = (): string =>
  table(
    ['flag', 'environment', 'default', 'meaning'],
    azureOptions.map(name => {
      const option = optionFor(name)
      const flag = [option.short, `${flagOf(name)} ${option.value ?? ''}`.trim()].filter(part => part !== undefined)
      return [code(flag.join(', ')), code(option.environment), defaultOf(option), option.description]
    })
  )

function fieldRow({ option: name, path, docs, identifies }: (typeof workloadFields)[number]): string[] {
  const option = optionFor(name)
  return [code(path), code(flagOf(name)), identifies === undefined ? defaultOf(option) : '', docs ?? option.description]
}

const defaultOf = (option: Option): string => option.defaultDescription ?? code(option.default)

function commandAt(program: Command, ...words: readonly string[]): Command {
  return words.reduce((command, word) => {
    const found = command.commands.find(child => child.name() === word)
    if (found === undefined) throw new Error(`there is no command ${words.join(' ')}`)
    return found
  }, program)
}

const code = (text: string | undefined): string => (text === undefined ? '' : `\`${text}\``)

/** The help of these flags is plain text; Markdown would read `<…>` and `*`. */
const escaped = (text: string): string => text.replace(/[<>*_|]/g, '\\$&')

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows]
    .map(cells => `|${cells.map(cell => ` ${cell}`.trimEnd()).join(' |')} |`)
    .join('\n')
