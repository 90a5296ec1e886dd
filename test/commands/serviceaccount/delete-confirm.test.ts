import { beforeEach, describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { terminal } from '../../helpers/terminal.js'
import { everythingIn, groupScope, onlyApplication, serviceAccountIn, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const question = 'Go on? [y/N]'

describe.each([
  ['an application', ['--service-account-name', 'app'], () => onlyApplication(test.sandbox.state).displayName],
  [
    'a managed identity',
    [
      '--service-account-name',
      'app',
      '--managed-identity-name',
      'app-identity',
      '--managed-identity-resource-group',
      'azwi-sandbox'
    ],
    () => 'app-identity'
  ]
])('delete on a terminal, with %s', (_, flags, nameOf) => {
  let name: string
  beforeEach(async () => {
    const { status, stderr } = await test.run(
      'sa',
      'create',
      ...flags,
      '--azure-role',
      'Reader',
      '--azure-scope',
      groupScope(test.sandbox.state)
    )
    expect(status, stderr).toBe(0)
    test.sandbox.requests.length = 0
    name = nameOf()
  })
  const remove = async (
    typed: string | undefined,
    more: readonly string[] = [],
    environment: Record<string, string> = {}
  ) => {
    const { overrides, screen } = terminal(typed)
    const { status } = await test.azwi(['sa', 'delete', ...flags, ...more], environment, overrides)
    return { status, screen: screen() }
  }
  const isThere = () =>
    serviceAccountIn(test.sandbox.state, 'app')?.metadata.annotations?.['azure.workload.identity/client-id'] !==
    undefined

  it('asks for confirmation, with the identity and everything that is deleted with it', async () => {
    const { screen } = await remove('n')
    expect(screen).toContain(question)
    expect(screen).toContain(`"${name}"`)
    for (const each of ['Kubernetes service account', 'federated credential', 'role assignment'])
      expect(screen).toContain(each)
  })

  it('asks on stdout if only that is a terminal', async () => {
    const { overrides, screen } = terminal('n', 'stdout')
    const { status, stderr } = await test.azwi(['sa', 'delete', ...flags], {}, overrides)
    expect(status, stderr).toBe(1)
    expect(screen()).toContain(`"${name}"`)
    expect(screen()).toContain(question)
    expect(stderr).not.toContain(question)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('is refused if roles would remain without a principal, unless --force is given; a dry run says so', async () => {
    const skip = ['--skip-phases', 'role-assignment']
    for (const [status, more] of [
      [0, ['--dry-run']],
      [1, []],
      [0, ['--force']]
    ] as const) {
      const outcome = await test.run('sa', 'delete', ...flags, ...skip, ...more)
      expect(outcome.status, outcome.stderr).toBe(status)
      if (status === 1 || more[0] === '--dry-run')
        expect(outcome.stderr).toMatch(/which azwi created: let the phase role-assignment run first/)
    }
  })

  it.each(['n', '', 'no', 'nay', 'yes please', undefined])(
    'deletes nothing and exits with 1 if the answer is %j (undefined: Ctrl-D)',
    async typed => {
      const before = everythingIn(test.sandbox.state)
      const { status, screen } = await remove(typed)
      expect(status, screen).toBe(1)
      expect(screen).toMatch(/^Error: nothing was deleted\nHint: .*--yes/m)
      expect(writes(test.sandbox)).toEqual([])
      expect(everythingIn(test.sandbox.state)).toEqual(before)
    }
  )

  it.each(['y', 'Y', 'yes', ' y '])('deletes if the answer is %j', async typed => {
    const { status, screen } = await remove(typed)
    expect(status, screen).toBe(0)
    expect(isThere()).toBe(false)
    expect(test.sandbox.state.roleAssignments.size).toBe(0)
  })

  it.each<[string, string[], Record<string, string>]>([
    ['--yes', ['--yes'], {}],
    ['CI', [], { CI: 'true' }],
    ['--dry-run', ['--dry-run'], {}]
  ])('does not ask with %s', async (_with, more, environment) => {
    const { status, screen } = await remove('n', more, environment)
    expect(status, screen).toBe(0)
    expect(screen).not.toContain(question)
    expect(isThere()).toBe(more.includes('--dry-run'))
  })

  it('does not ask in a pipe', async () => {
    const { status, stderr } = await test.run('sa', 'delete', ...flags)
    expect(status, stderr).toBe(0)
    expect(stderr).not.toContain(question)
  })

  it('does not ask if no identity is deleted', async () => {
    const { status, screen } = await remove('n', [
      '--skip-phases',
      flags.length > 2 ? 'managed-identity' : 'aad-application'
    ])
    expect(status, screen).toBe(0)
    expect(screen).not.toContain(question)
  })

  it('exits with 130 and deletes nothing if the answer is Ctrl-C', async () => {
    const interruption = new AbortController()
    const { overrides, screen } = terminal(() => {
      interruption.abort('SIGINT')
    })
    const { status } = await test.azwi(
      ['sa', 'delete', ...flags],
      {},
      { ...overrides, interruption: interruption.signal }
    )
    expect(status, screen()).toBe(130)
    expect(writes(test.sandbox)).toEqual([])
  })
})
