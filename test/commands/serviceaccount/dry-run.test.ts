import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { messages } from '../../helpers/log.js'
import { everythingIn, groupScope, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const role = () => ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]

describe.each([
  ['an application', ['--service-account-name', 'app'], ['AAD application', 'service principal']],
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
    ['managed identity']
  ]
])('--dry-run with %s', (_, flags, identity) => {
  const nouns = [...identity, 'Kubernetes service account', 'federated credential', 'role assignment']
  const said = (stderr: string) =>
    messages(stderr)
      .map(text => text.replace(/^\[\S+\] /, ''))
      .toSorted()
  const create = (...more: readonly string[]) => test.run('sa', 'create', ...flags, ...role(), ...more)
  const remove = (...more: readonly string[]) => test.run('sa', 'delete', ...flags, ...more)

  it('of create reports the planned objects, and creates nothing', async () => {
    const before = everythingIn(test.sandbox.state)
    const { status, stderr } = await create('--dry-run')
    expect(status, stderr).toBe(0)
    expect(said(stderr)).toEqual(nouns.map(noun => `would create ${noun}`).toSorted())
    expect(writes(test.sandbox)).toEqual([])
    expect(everythingIn(test.sandbox.state)).toEqual(before)
  })

  it('of create reports a namespace to create', async () => {
    const { status, stderr } = await create('--dry-run', '--service-account-namespace', 'team', '--create-namespace')
    expect(status, stderr).toBe(0)
    expect(said(stderr)).toContain('would create namespace')
    expect(writes(test.sandbox)).toEqual([])
  })

  it('of create, after a create, reports that everything exists', async () => {
    await create()
    test.sandbox.requests.length = 0
    const { status, stderr } = await create('--dry-run')
    expect(status, stderr).toBe(0)
    expect(said(stderr)).toEqual(nouns.map(noun => `${noun} already exists`).toSorted())
    expect(writes(test.sandbox)).toEqual([])
  })

  it('of create fails as create does', async () => {
    const { status, stderr } = await test.run(
      'sa',
      'create',
      ...flags,
      '--azure-role',
      'No such role',
      '--azure-scope',
      groupScope(test.sandbox.state),
      '--dry-run'
    )
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*No such role.*\nHint: /m)
  })

  it('of delete reports the planned deletions, and deletes nothing', async () => {
    await create()
    const before = everythingIn(test.sandbox.state)
    test.sandbox.requests.length = 0
    const { status, stderr } = await remove('--dry-run')
    expect(status, stderr).toBe(0)
    // Deleting an application deletes its service principal.
    expect(said(stderr)).toEqual(
      nouns
        .filter(noun => noun !== 'service principal')
        .map(noun => `would delete ${noun}`)
        .toSorted()
    )
    expect(writes(test.sandbox)).toEqual([])
    expect(everythingIn(test.sandbox.state)).toEqual(before)
  })

  it('of delete, after a delete, reports that nothing exists', async () => {
    await create()
    await remove()
    const { status, stderr } = await remove('--dry-run')
    expect(status, stderr).toBe(0)
    expect(said(stderr)).toEqual(
      nouns
        .filter(noun => noun !== 'service principal')
        .map(noun => `${noun} not found`)
        .toSorted()
    )
  })

  it('does not wait with --wait', async () => {
    const { status, stderr } = await create('--dry-run', '--wait')
    expect(status, stderr).toBe(0)
    expect(stderr).not.toContain('waiting')
  })
})
