import { beforeEach, describe, expect, it } from 'vitest'
import { terminal } from '../../helpers/terminal.js'
import { messages } from '../../helpers/log.js'
import { addRoleAssignment, everythingIn, groupScope, serviceAccountIn } from '../../helpers/state.js'
import { resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply, run, write } = useApply()
const question = 'Go on? [y/N]'
const role = "defaults: { roles: [{ role: Reader, scope: 'rg:azwi-sandbox' }] }\n"
const managed = 'identity: { managedIdentity: { name: own-one, resourceGroup: azwi-sandbox } }'
const before = `set: mine\n${role}workloads: [{ name: stays }, { name: a }, { name: b, ${managed} }]`
const after = `set: mine\n${role}workloads: [{ name: stays }, { name: fresh }]`

/** Adds a role assignment of a person to the identity of a service account. */
function addRoleOfPerson(account: string): string {
  const { state } = test.sandbox
  const clientId = serviceAccountIn(state, account)?.metadata.annotations?.['azure.workload.identity/client-id']
  const principal = [...state.servicePrincipals.values()].find(({ appId }) => appId === clientId)!
  return addRoleAssignment(state, principal.id, groupScope(state), 'ba92f5b4-2d11-453d-a403-e96b0029c9fe').id
}

describe('a prune without --yes, if nobody can be asked', () => {
  it.each([
    ['in a pipe', ['-f', 'FILE'], {}, false],
    ['in CI, also on a terminal', ['-f', 'FILE'], { CI: 'true' }, true],
    ['with the file on stdin, also on a terminal', ['-f', '-'], {}, true],
    ['with one of the files on stdin', ['-f', 'FILE', '-f', '-'], {}, true]
  ])('is refused before any request: %s', async (_where, words, environment, onTerminal) => {
    const path = await write('workloads.yaml', after)
    const { overrides, screen } = terminal('y')
    const { status, stderr } = await run(
      [...words.map(word => (word === 'FILE' ? path : word)), '--prune'],
      '',
      environment,
      onTerminal ? overrides : {}
    )
    const output = onTerminal ? screen() : stderr
    expect({ status, requests: test.sandbox.requests }).toEqual({ status: 2, requests: [] })
    expect(output).toMatch(/^Error: --prune deletes what the files no longer contain, and nobody can be asked/m)
    expect(output).toMatch(/^Hint: .*--dry-run.*--yes/m)
    expect(output).not.toContain(question)
  })

  it('is planned with --dry-run', async () => {
    await apply(before)
    const outcome = await apply(after, '--prune', '--dry-run', '-o', 'json')
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(resultsOf(outcome)).toEqual({
      'default/stays': 'unchanged',
      'default/fresh': 'created',
      'default/a': 'deleted',
      'default/b': 'deleted'
    })
  })
})

describe('a prune on a terminal', () => {
  let path: string
  beforeEach(async () => {
    const { status, stderr } = await apply(before)
    expect(status, stderr).toBe(0)
    path = await write('workloads.yaml', after)
  })
  const prune = async (typed: string | undefined, ...flags: readonly string[]) => {
    const { overrides, screen } = terminal(typed)
    const { status } = await run(['-f', path, '--prune', ...flags], '', {}, overrides)
    return { status, screen: screen() }
  }

  it('shows what it deletes, object by object and with totals, before it asks', async () => {
    const { screen } = await prune('n')
    const shown = screen.slice(0, screen.indexOf(question))
    for (const line of [
      '[default/a] would be deleted',
      '[default/a] would delete AAD application',
      '[default/a] would delete federated credential',
      '[default/a] would delete role assignment',
      '[default/a] would delete Kubernetes service account',
      '[default/b] would delete managed identity'
    ])
      expect(shown).toContain(line)
    const totals =
      '1 AAD application, 2 Kubernetes service accounts, 2 federated credentials, 2 role assignments, 1 managed identity'
    const [, shownTotals = ''] = /This deletes (.*)\./.exec(shown) ?? []
    expect(shownTotals.split(', ').toSorted()).toEqual(totals.split(', ').toSorted())
    expect(screen.indexOf('[default/a] deleted')).toBe(-1)
  })

  it.each(['n', '', 'nay', undefined])('deletes nothing and exits with 1 if the answer is %j', async typed => {
    // The apply itself is not in question.
    await apply('set: mine\nworkloads: [{ name: fresh }]')
    const unchanged = everythingIn(test.sandbox.state)
    const { status, screen } = await prune(typed)
    expect(status, screen).toBe(1)
    expect(screen).toMatch(/^Error: nothing was deleted\nHint: .*--yes/m)
    expect(serviceAccountIn(test.sandbox.state, 'a')).toBeDefined()
    expect(everythingIn(test.sandbox.state)).toMatchObject({
      accounts: (unchanged as { accounts: unknown }).accounts
    })
  })

  it.each(['y', ' YES '])('deletes if the answer is %j', async typed => {
    const { status, screen } = await prune(typed)
    expect(status, screen).toBe(0)
    expect(['a', 'b'].map(name => serviceAccountIn(test.sandbox.state, name))).toEqual([undefined, undefined])
    expect([test.sandbox.state.managedIdentities.size, test.sandbox.state.applications.size]).toEqual([0, 2])
  })

  it.each([['--yes'], ['--dry-run']])('does not ask with %s', async flag => {
    const { status, screen } = await prune('n', flag)
    expect(status, screen).toBe(0)
    expect(screen).not.toContain(question)
    expect(serviceAccountIn(test.sandbox.state, 'a') === undefined).toBe(flag === '--yes')
  })

  it('does not ask if there is nothing to delete', async () => {
    path = await write('workloads.yaml', before)
    const { status, screen } = await prune('n')
    expect(status, screen).toBe(0)
    expect(screen).not.toContain(question)
  })

  it('lists what people have added, and deletes it if the answer is yes', async () => {
    const added = addRoleOfPerson('a')
    const refused = await prune('n')
    expect(refused.screen.slice(0, refused.screen.indexOf(question))).toContain(
      `People have added:\n  the role assignment ${added}`
    )
    expect(serviceAccountIn(test.sandbox.state, 'a')).toBeDefined()
    const { status, screen } = await prune('y')
    expect(status, screen).toBe(0)
    expect(serviceAccountIn(test.sandbox.state, 'a')).toBeUndefined()
  })

  it('exits with 130 and deletes nothing if the answer is Ctrl-C', async () => {
    const interruption = new AbortController()
    const { overrides, screen } = terminal(() => {
      interruption.abort('SIGINT')
    })
    const { status } = await run(['-f', path, '--prune'], '', {}, { ...overrides, interruption: interruption.signal })
    expect(status, screen()).toBe(130)
    expect(serviceAccountIn(test.sandbox.state, 'a')).toBeDefined()
  })
})

describe('a prune of something that people have added to, with --yes', () => {
  it('leaves it alone and lists it, deletes the rest, and exits with 1', async () => {
    await apply(before)
    const added = addRoleOfPerson('a')
    const outcome = await apply(after, '--prune', '--yes', '-o', 'json')
    expect(outcome.status).toBe(1)
    expect(resultsOf(outcome)).toMatchObject({ 'default/a': 'failed', 'default/b': 'deleted' })
    expect(outcome.stderr).toContain(added)
    expect(serviceAccountIn(test.sandbox.state, 'a')).toBeDefined()
    expect(test.sandbox.state.roleAssignments.get(added.toLowerCase())).toBeDefined()
  })

  it('deletes it with --force', async () => {
    await apply(before)
    addRoleOfPerson('a')
    const outcome = await apply(after, '--prune', '--yes', '--force', '-o', 'json')
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(resultsOf(outcome)).toMatchObject({ 'default/a': 'deleted', 'default/b': 'deleted' })
  })

  it('is no reason to delete an identity that such a service account shares', async () => {
    const shared = (...names: readonly string[]) =>
      `set: mine\n${role}workloads: [${names.map(name => `{ name: ${name}, ${managed} }`).join(', ')}]`
    await apply(shared('a', 'b'))
    // Somebody else owns the client ID of a, so that only b can be deleted.
    const managers = serviceAccountIn(test.sandbox.state, 'a')!.metadata.managedFields as unknown[]
    managers.push({
      manager: 'argocd-controller',
      operation: 'Apply',
      fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:azure.workload.identity/client-id': {} } } }
    })
    const outcome = await apply('set: mine\nworkloads: []', '--prune', '--yes', '-o', 'json')
    expect(outcome.status).toBe(1)
    expect(resultsOf(outcome)).toEqual({ 'default/a': 'failed', 'default/b': 'deleted' })
    expect(outcome.stderr).toContain('argocd-controller owns the client ID')
    const [identity] = test.sandbox.state.managedIdentities.values()
    expect(identity?.federatedIdentityCredentials.map(({ subject }) => subject)).toEqual([
      'system:serviceaccount:default:a'
    ])
    expect(test.sandbox.state.roleAssignments.size).toBe(1)
  })
})

it('a prune in a pipe shows its plan and totals too', async () => {
  await apply(before)
  const { stderr } = await apply(after, '--prune', '--yes')
  const lines = messages(stderr)
  expect(lines.indexOf('[default/a] would be deleted')).toBeLessThan(lines.indexOf('[default/a] deleted'))
  expect(lines.indexOf('[default/a] would be deleted')).toBeGreaterThan(-1)
  expect(lines.find(line => line.startsWith('to prune: '))).toContain('2 Kubernetes service accounts')
})
