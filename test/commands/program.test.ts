import { describe, expect, it } from 'vitest'
import { azwi } from '../helpers/azwi.js'

const phases = ['aad-application', 'service-account', 'federated-identity', 'role-assignment']

describe('help', () => {
  it('shows a subcommand for several words', async () => {
    const { status, stdout } = await azwi({}, ['help', 'sa', 'create'])
    expect({ status, first: stdout.split('\n', 1)[0] }).toEqual({
      status: 0,
      first: 'Usage: azwi serviceaccount create [options] [command]'
    })
  })

  it('refuses an unknown command', async () => {
    expect(await azwi({}, ['help', 'bogus'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: "Error: unknown command 'bogus'\nHint: see: azwi --help\n"
    })
  })

  it.each(['create', 'delete'])('of %s describes the role flags for that verb', async verb => {
    const { stdout } = await azwi({}, ['sa', verb, '--help'])
    const flags = ['--azure-role', '--azure-scope', '--grant', '--service-principal-name'].map(
      flag => new RegExp(`^ *${flag} .*\\n(?: {20,}.*\\n)*`, 'm').exec(stdout)?.[0] ?? ''
    )
    for (const text of flags) expect(text).toMatch(verb === 'create' ? /assign|gets|A role/ : /delete|whose/)
    if (verb === 'delete') expect(flags.join()).not.toMatch(/to assign|gets/)
  })

  it.each([[[]], [['--help']], [['-h']], [['help']]])(
    'of %j goes to stdout, names every command, and exits with 0',
    async words => {
      const { status, stdout, stderr } = await azwi({}, words)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      for (const name of ['serviceaccount', 'jwks', 'sandbox', 'version']) expect(stdout).toContain(name)
    }
  )

  it.each(['create', 'delete'])('of %s lists the phases with their aliases', async verb => {
    const { status, stdout } = await azwi({}, ['serviceaccount', verb, '--help'])
    expect(status).toBe(0)
    for (const name of phases) expect(stdout).toMatch(new RegExp(`^  ${name} \\((app|sa|fi|ra)\\)`, 'm'))
    expect(stdout).toContain('--skip-phases')
  })

  it('lists the phases of delete in their order: the application after its roles, the service account last', async () => {
    const { stdout } = await azwi({}, ['sa', 'delete', '--help'])
    const list = [...stdout.matchAll(/^ {2}([a-z-]+) \((?:app|sa|fi|ra)\)/gm)].map(([, name]) => name)
    expect(list).toEqual(['role-assignment', 'aad-application', 'federated-identity', 'service-account'])
  })

  it('of create phase lists the phases', async () => {
    const { status, stdout } = await azwi({}, ['sa', 'create', 'phase'])
    expect(status).toBe(0)
    for (const name of phases) expect(stdout).toContain(name)
  })

  it.each([['serviceaccount'], ['sa']])('of %s lists its verbs, for each way to ask for it', async noun => {
    for (const words of [[noun], [noun, '--help'], ['help', noun]]) {
      const { status, stdout } = await azwi({}, words)
      expect({ words, status, create: stdout.includes('create'), delete: stdout.includes('delete') }).toEqual({
        words,
        status: 0,
        create: true,
        delete: true
      })
    }
  })

  it('has every flag of the Go azwi', async () => {
    const { stdout } = await azwi({}, ['sa', 'create', '--help'])
    for (const flag of [
      '--service-account-name',
      '--service-account-namespace',
      '--service-account-issuer-url',
      '--service-account-token-expiration',
      '--aad-application-name',
      '--aad-application-client-id',
      '--aad-application-object-id',
      '--service-principal-name',
      '--service-principal-object-id',
      '--azure-role',
      '--azure-scope',
      '--azure-env',
      '-s, --subscription-id',
      '--auth-method',
      '--client-id',
      '--client-secret',
      '--certificate-path',
      '--private-key-path',
      '--debug'
    ])
      expect(stdout).toContain(flag)
  })
})

describe('wrong usage', () => {
  it.each([
    [['serviceacount'], /serviceacount.*serviceaccount/],
    [['sa', 'crete'], /crete.*create/],
    [['sa', 'create', 'phase', 'aad-aplication'], /aad-aplication.*aad-application/],
    [['--nonsense'], /--nonsense/],
    [['sa', 'create', '--service-acount-name', 'x'], /--service-acount-name.*--service-account-name/],
    [['sa', 'create', '--service-account-name'], /--service-account-name/],
    [['version', 'more'], /argument/],
    [['sa', 'create', 'more'], /more|argument/]
  ])('%j exits with 2, and prints one line with the wrong word and a hint', async (words, mention) => {
    const { status, stdout, stderr } = await azwi({}, words)
    expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]+\n$/)
    expect(stderr).toMatch(mention)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })

  it('names an unknown flag without its value, which might be a secret', async () => {
    const { status, stderr } = await azwi({}, ['version', '--client-secret=a-value'])
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "Error: unknown option '--client-secret'\nHint: see: azwi version --help\n"
    })
  })

  it('shows a stack only with --debug', async () => {
    expect((await azwi({}, ['sa', 'create'])).stderr).not.toMatch(/^ {4}at /m)
    expect((await azwi({}, ['sa', 'create', '--debug'])).stderr).toMatch(/^ {4}at /m)
    expect((await azwi({}, ['--debug', 'sa', 'create'])).stderr).toMatch(/^ {4}at /m)
  })
})
