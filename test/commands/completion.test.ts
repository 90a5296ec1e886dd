import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { azwi } from '../helpers/azwi.js'

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const
const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0

describe('azwi completion', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'azwi-completion-'))
  })
  afterAll(() => {
    rmSync(directory, { recursive: true })
  })

  it.each(shells)('prints a script for %s on stdout and nothing else, for any -o', async shell => {
    const { status, stdout, stderr } = await azwi({}, ['completion', shell])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect((await azwi({}, ['completion', shell, '-o', 'json'])).stdout).toBe(stdout)
    for (const word of [
      'serviceaccount',
      'federated-identity',
      'azure-env',
      'AzureChinaCloud',
      'client_certificate',
      'detailed-exitcode',
      'request-log'
    ]) {
      expect(stdout).toContain(word)
    }
  })

  it.for(['bash', 'zsh', 'fish'])('is a script that %s can read', async (shell, { skip }) => {
    if (!isInstalled(shell)) skip(`${shell} is not installed`)
    const { stdout } = await azwi({}, ['completion', shell])
    const file = join(directory, `completion.${shell}`)
    writeFileSync(file, stdout)
    expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })

  it('repeats no key in a PowerShell hash table, which PowerShell would refuse', async () => {
    const { stdout } = await azwi({}, ['completion', 'powershell'])
    const tables = [...stdout.matchAll(/^ {4}\$(\w+) = @\{\n([\s\S]*?)\n {4}\}$/gm)].map(
      ([, name, body]) =>
        [name, [...body!.matchAll(/^ {8}'((?:[^']|'')*)' =/gm)].map(([, key]) => key!.toLowerCase())] as const
    )
    expect(tables.map(([name]) => name)).toEqual([
      'commands',
      'entrances',
      'arguments',
      'flags',
      'values',
      'descriptions'
    ])
    for (const [name, keys] of tables)
      expect({
        name,
        twice: keys.filter((key, index) => keys.indexOf(key) !== index),
        empty: keys.length === 0
      }).toEqual({ name, twice: [], empty: false })
  })

  it('lists the known shells in the error for an unknown one', async () => {
    const { status, stderr } = await azwi({}, ['completion', 'tcsh'])
    expect(status).toBe(2)
    expect(stderr).toMatch(/^Error: .*tcsh.*bash, zsh, fish, powershell/)
    expect((await azwi({}, ['completion'])).status).toBe(2)
    expect((await azwi({}, ['completion', '--help'])).stdout).toContain('source <(azwi completion bash)')
  })
})

describe.runIf(isInstalled('bash'))('in bash, sourced', () => {
  let directory: string
  let script: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'azwi-completion-'))
    script = join(directory, 'completion.bash')
    writeFileSync(script, (await azwi({}, ['completion', 'bash'])).stdout)
    writeFileSync(join(directory, 'a file'), '')
  })
  afterAll(() => {
    rmSync(directory, { recursive: true })
  })

  /** Returns what bash offers for Tab after the last word. The words are split as bash splits them. */
  function offers(...words: readonly string[]): string[] {
    const program = `source "$1"; shift; COMP_WORDS=(azwi "$@"); COMP_CWORD=$#; _azwi azwi; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', program, 'bash', script, ...words], {
      cwd: directory,
      encoding: 'utf8'
    })
    // Outside of a real completion, compopt prints an error.
    expect(stderr.replace(/.*compopt.*\n/, '')).toBe('')
    return stdout.split('\n').filter(line => line !== '')
  }

  it.each([
    [[''], ['serviceaccount', 'doctor', 'jwks', 'sandbox', 'completion', 'version', 'help']],
    [['service'], ['serviceaccount']],
    [['--debug', 'ver'], ['version']],
    [['help', 'jw'], ['jwks']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', 'powershell']
    ],
    [
      ['sa', 'create', 'phase', ''],
      ['aad-application', 'managed-identity', 'service-account', 'federated-identity', 'role-assignment']
    ]
  ])('%j completes commands, also below an alias', (words, expected) => {
    expect(offers(...words)).toEqual(expected)
  })

  it.each([
    [['sa', 'create', '--sk'], ['--skip-phases']],
    [['sa', 'create', '--yes'], []],
    [['sa', 'delete', '--yes'], ['--yes']],
    [['sa', 'create', 'phase', 'ra', '--gr'], ['--grant']],
    [['sa', 'create', 'phase', 'aad-application', '--gr'], []],
    [['jwks', '--pub'], ['--public-keys']],
    [['version', '--o'], ['--output']],
    [['sa', '--sk'], ['--skip-phases']],
    [['sa', 'delete', 'phase', '--pu'], ['--purge']],
    [['sandbox', '--cl'], ['--cloud']]
  ])('%j completes the flags of the command or phase, also before a subcommand', (words, expected) => {
    expect(offers(...words)).toEqual(expected)
  })

  it.each([
    [['sa', 'create', '--azure-env', 'AzureC'], ['AzureChinaCloud']],
    [['sa', 'create', '--azure-env', '=', 'AzureC'], ['AzureChinaCloud']],
    [['sa', 'create', '--azure-env=AzureC'], ['--azure-env=AzureChinaCloud']],
    [['sandbox', 'start', '--cloud', 'AzureUS'], ['AzureUSGovernmentCloud']],
    [
      ['sa', 'create', '--auth-method', 'client_'],
      ['client_secret', 'client_certificate']
    ],
    [
      ['-o', ''],
      ['text', 'json', 'yaml', 'name']
    ],
    [
      ['version', '-o', ''],
      ['text', 'json', 'yaml', 'name']
    ],
    [
      ['doctor', '-o', ''],
      ['text', 'json', 'yaml', 'name', 'junit']
    ],
    [['sa', 'delete', '--output', 'j'], ['json']],
    [['sa', 'create', '--skip-phases', 'fed'], ['federated-identity']],
    [['sa', 'create', '--skip-phases', 'sa,role'], ['sa,role-assignment']],
    [['sa', 'create', '--service-account-name', ''], []]
  ])('%j completes known values', (words, expected) => {
    expect(offers(...words)).toEqual(expected)
  })

  it('completes files for flags that take a file, and a command line after --', () => {
    expect(offers('sa', 'create', '--kubeconfig', 'a')).toEqual(['a file'])
    expect(offers('doctor', '--token-file', 'a')).toEqual(['a file'])
    expect(offers('jwks', '--public-keys', 'sa.pub,a')).toEqual(['sa.pub,a file'])
    expect(offers('sandbox', 'run', '--', 'prin')).toContain('printf')
    expect(offers('sandbox', 'run', '--', 'cat', 'a')).toEqual(['a file'])
  })

  it('does not take a value for a command of the same name', () => {
    expect(offers('sa', 'create', '--service-account-name', 'phase', '--sk')).toEqual(['--skip-phases'])
    expect(offers('sa', 'create', '--azure-scope', 'rg', ':', 'phase', '--sk')).toEqual(['--skip-phases'])
    expect(offers('sa', 'create', '--azure-scope', 'rg', ':', 'ph')).toEqual([])
    expect(offers('sa', '-s', 'create', 'del')).toEqual(['delete'])
    expect(offers('sa', 'delete', '--azure-scope', 'phase', 'phase', 'mana')).toEqual(['managed-identity'])
  })
})
