import type { Command, Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { withFlagsLast } from '../src/flag-positions.js'
import { createProgram } from '../src/program.js'
import { azwi } from './helpers/azwi.js'
import { useFaultySandbox } from './helpers/faulty-sandbox.js'
import { recordedIo } from './helpers/recorded-io.js'
import { everythingIn, writes } from './helpers/state.js'

/** A command that does something, with the words that call it. */
interface Leaf {
  readonly path: readonly string[]
  readonly command: Command
}

function leavesOf(command: Command, path: readonly string[] = []): Leaf[] {
  const below = command.commands.flatMap(child => leavesOf(child, [...path, child.name()]))
  const isGroup = ['azwi', 'serviceaccount', 'sandbox', 'phase'].includes(command.name())
  return isGroup ? below : [{ path, command }, ...below]
}

interface Parsed {
  readonly path?: readonly string[]
  readonly flags?: unknown
  readonly operands?: readonly string[]
  readonly refused?: string
}

/** Returns a function that parses a command line, and says which command runs with which flags. */
async function parser(
  words?: readonly string[]
): Promise<{ leaves: readonly Leaf[]; parse: (words: readonly string[]) => Parsed }> {
  const program = await createProgram(recordedIo().io, words === undefined ? {} : { words })
  const leaves = leavesOf(program)
  let parsed: Parsed = {}
  for (const { path, command } of leaves)
    command.action(() => {
      parsed = { path, flags: command.opts(), operands: command.args }
    })
  return {
    leaves,
    parse: words => {
      parsed = {}
      try {
        program.parse(withFlagsLast(program, words), { from: 'user' })
      } catch (error) {
        return { refused: (error as Error).message }
      }
      return parsed
    }
  }
}

const { leaves, parse } = await parser()
const lines = leaves.map(leaf => [leaf.path.join(' '), leaf] as const)
const valueOf = ({ argChoices }: Option): string => argChoices?.[0] ?? 'a-value'
const otherValueOf = ({ argChoices }: Option): string => argChoices?.[1] ?? 'phase'
const operandsOf = ({ command }: Leaf): readonly string[] =>
  command.registeredArguments.filter(({ required }) => required).map(({ argChoices }) => argChoices?.[0] ?? 'operand')

/** Returns every spelling of a flag, with the value that commander has for it. */
function spellings(option: Option): (readonly [words: readonly string[], value: unknown])[] {
  const names = [option.short, option.long].filter(name => name !== undefined)
  if (!option.required) {
    const on = names.flatMap(name => [[name], [`${name}=true`], [`${name}=1`], [`${name}=false`, name]])
    const off = names.flatMap(name => [[`${name}=false`], [`${name}=F`], [name, `${name}=0`]])
    return [...on.map(words => [words, true] as const), ...off.map(words => [words, undefined] as const)]
  }
  const value = valueOf(option)
  const isRepeatable = option.parseArg !== undefined && option.argChoices === undefined
  return [
    ...(option.long === undefined ? [] : [[option.long, value], [`${option.long}=${value}`]]),
    ...(option.short === undefined
      ? []
      : [[option.short, value], [`${option.short}${value}`], [`${option.short}=${value}`]])
  ].map(words => [words, isRepeatable ? [value] : value] as const)
}

const at = (path: readonly string[], position: number, words: readonly string[]): string[] => [
  ...path.slice(0, position),
  ...words,
  ...path.slice(position)
]

describe.each(lines)('every flag of azwi %s', (_, leaf) => {
  const { path, command } = leaf
  const operands = operandsOf(leaf)

  it('has the same value in every position and spelling', () => {
    for (const option of command.options) {
      for (const [words, value] of spellings(option)) {
        const flags = value === undefined ? {} : { [option.attributeName()]: value }
        for (let position = 0; position <= path.length; position++) {
          const line = [...at(path, position, words), ...operands]
          expect({ line, ...parse(line) }).toEqual({ line, path, flags, operands })
        }
      }
    }
  })

  it('has the later value, or both if it can be repeated, if it is given in two positions', () => {
    for (const option of command.options.filter(({ required }) => required)) {
      const [first, second] = [valueOf(option), otherValueOf(option)]
      const isRepeatable = option.parseArg !== undefined && option.argChoices === undefined
      const flags = { [option.attributeName()]: isRepeatable ? [first, second] : second }
      for (let position = 0; position < path.length; position++) {
        const line = [...at(path, position, [option.long ?? '', first]), option.long ?? '', second, ...operands]
        expect({ line, ...parse(line) }).toEqual({ line, path, flags, operands })
      }
    }
  })

  it('is known if only the called command is loaded', async () => {
    for (const option of command.options) {
      const [words = []] = spellings(option).map(([words]) => words)
      for (const position of [0, 1]) {
        const line = [...at(path, position, words), ...operands]
        const { parse: parseLazily } = await parser(line)
        expect({ line, ...parseLazily(line) }).toEqual({ line, ...parse(line) })
      }
    }
  })
})

describe('a flag before a subcommand', () => {
  it.each([
    [['sa', '--prune', 'list'], /unknown option '--prune'/],
    [['sa', 'create', '--skip-phases', 'fi', 'phase', 'app'], /unknown option '--skip-phases'/],
    [['sa', 'delete', '--azure-role', 'Reader', 'phase', 'fi'], /unknown option '--azure-role'/],
    [['sa', '--nonsense', 'x', 'create'], /unknown option '--nonsense'/],
    [['sa', 'delete', '--yes', '--dry-rnu', 'phase', 'app'], /'--dry-rnu'.*--dry-run/],
    [['sa', '--dry-run', 'crete'], /'crete'.*create/],
    [['sa', 'create', '--dry-run', 'more'], /too many arguments/],
    [['sa', '--dry-run=maybe', 'delete'], /--dry-run "maybe" is neither true nor false/],
    [['sa', '-s'], /argument missing|needs a command/],
    [['sa', 'delete', '--dry-run', 'phase'], /"azwi serviceaccount delete phase" needs a command after it/]
  ])('%j is refused if the command does not take it, with the name of the flag', async (words, message) => {
    const { status, stdout, stderr } = await azwi({}, words)
    expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })

  it('does not make a command of its value', () => {
    expect(parse(['sa', '-s', 'create', 'delete', '--azure-scope', 'phase'])).toEqual({
      path: ['serviceaccount', 'delete'],
      flags: { subscriptionId: 'create', azureScope: 'phase' },
      operands: []
    })
  })

  it('leaves the words of another program alone', () => {
    for (const words of [
      ['sandbox', '--seed', '1', 'run', '--', 'kubectl', '-n=x', '--debug=false', '--', 'y'],
      ['sandbox', 'run', '--seed=1', 'kubectl', '-n=x', '--debug=false', '--', 'y']
    ])
      expect(parse(words)).toEqual({
        path: ['sandbox', 'run'],
        flags: { seed: '1' },
        operands: ['kubectl', '-n=x', '--debug=false', '--', 'y']
      })
  })

  it('keeps its place before --, behind which are only words', () => {
    expect(parse(['sa', 'delete', '--dry-run', '--', 'phase', 'app'])).toMatchObject({
      path: ['serviceaccount', 'delete', 'phase', 'aad-application'],
      flags: { dryRun: true }
    })
    expect(parse(['sa', 'delete', '--', '--dry-run'])).toHaveProperty('refused')
    expect(parse(['sa', 'get', '--', '-x'])).toMatchObject({ path: ['serviceaccount', 'get'], operands: ['-x'] })
  })

  it('shows the help of the command that it is given for', async () => {
    const { stdout } = await azwi({}, ['sa', '--help', 'create', '--dry-run'])
    expect(stdout).toMatch(/^Usage: azwi serviceaccount create /)
    expect((await azwi({}, ['sa', '--debug=false'])).stdout).toMatch(/^Usage: azwi serviceaccount\|sa /)
  })
})

describe('a flag before `phase`, in a sandbox', () => {
  const test = useFaultySandbox()
  const phases = ['app', 'sa', 'fi', 'ra', 'mi']
  const identity = (phase: string): readonly string[] =>
    phase === 'mi' ? ['--managed-identity-name', 'app', '--managed-identity-resource-group', 'azwi-sandbox'] : []

  it.each(phases)('delete --dry-run phase %s deletes nothing', async phase => {
    const created = await test.run('sa', 'create', '--service-account-name', 'app', ...identity(phase))
    expect(created.status, created.stderr).toBe(0)
    const before = everythingIn(test.sandbox.state)
    test.sandbox.requests.length = 0
    const flags = ['--dry-run', '--service-account-name', 'app', ...identity(phase)]
    const first = await test.run('sa', 'delete', ...flags, 'phase', phase)
    expect(first.status, first.stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(everythingIn(test.sandbox.state)).toEqual(before)
    expect(first.stdout).toBe((await test.run('sa', 'delete', 'phase', phase, ...flags)).stdout)
  })

  it('create uses the flags of both positions', async () => {
    const { status, stderr } = await test.run(
      ...['sa', '-s', test.sandbox.state.subscriptionId, 'create', '--service-account-name', 'other'],
      ...['--grant', 'Reader=rg:azwi-sandbox', 'phase', 'app', '--service-account-name=app', '--debug=false']
    )
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('--grant') as string })
    const words = ['sa', `-s=${test.sandbox.state.subscriptionId}`, 'create', '--service-account-name', 'other']
    const created = await test.run(...words, 'phase', 'app', '--service-account-name=app', '--debug=false')
    expect(created.status, created.stderr).toBe(0)
    expect([...test.sandbox.state.applications.values()].map(({ displayName }) => displayName)).toEqual([
      expect.stringMatching(/^default-app-/)
    ])
  })

  it('turns the debug log on or off, whichever is last', async () => {
    const isLogged = async (...words: string[]): Promise<boolean> =>
      (await test.run(...words, 'sa', 'create', '--service-account-name', 'app')).stderr.includes('DEBU')
    expect(await isLogged('--debug')).toBe(true)
    expect(await isLogged('--debug', '--debug=false')).toBe(false)
    expect(await isLogged('--debug=0', '--debug=t')).toBe(true)
  })
})
