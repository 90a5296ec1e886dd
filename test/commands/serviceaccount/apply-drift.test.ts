import { describe, expect, it } from 'vitest'
import { endState } from '../../faults/end-state.js'
import type { Outcome } from '../../helpers/azwi.js'
import { subjectOf } from '../../helpers/connected.js'
import { addIdentityCredential, addManagedIdentity } from '../../helpers/managed-identity.js'
import {
  addApplication,
  addCredential,
  addRoleAssignment,
  addServicePrincipal,
  everythingIn,
  groupScope,
  issuerOf,
  onlyApplication,
  serviceAccountIn
} from '../../helpers/state.js'
import { resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply } = useApply()
const reader = "{ role: Reader, scope: 'rg:azwi-sandbox' }"
const blobReader = "{ role: Storage Blob Data Reader, scope: 'sub:' }"
const other = 'https://another-cluster.example/'
const state = () => test.sandbox.state
const objects = () => endState(state()).objects
const clientIdOf = (name: string) =>
  serviceAccountIn(state(), name)?.metadata.annotations?.['azure.workload.identity/client-id']

interface Leftover {
  readonly identity?: { readonly action: string; readonly name: string }
  readonly credential?: { readonly action: string; readonly subject: string }
  readonly roleAssignments: readonly { readonly action: string; readonly scope?: string }[]
}
/** Returns what is left over, by workload: the action for the identity and for each role. */
function leftoversOf({ stdout }: Outcome): Record<string, unknown[]> {
  const { workloads } = JSON.parse(stdout) as { workloads: { name: string; leftovers?: Leftover[] }[] }
  return Object.fromEntries(
    workloads.flatMap(({ name, leftovers }) =>
      leftovers === undefined
        ? []
        : [
            [
              name,
              leftovers.map(({ identity, credential, roleAssignments }) =>
                [
                  identity && `identity ${identity.action}`,
                  credential && `credential ${credential.action}`,
                  ...roleAssignments.map(({ action }) => `role ${action}`)
                ].filter(part => part !== undefined)
              )
            ]
          ]
    )
  )
}
const succeed = async (text: string, ...flags: readonly string[]): Promise<Outcome> => {
  const outcome = await apply(text, '-o', 'json', ...flags)
  expect(outcome.status, outcome.stderr).toBe(0)
  return outcome
}

const kinds: readonly [string, string][] = [
  ['an application', 'application: { name: x }'],
  ['a managed identity', 'managedIdentity: { name: one, resourceGroup: azwi-sandbox }']
]

describe.each(kinds)('a role that the file no longer lists, of %s', (_kind, identity) => {
  const fileOf = (...roles: readonly string[]) =>
    `set: mine\nworkloads: [{ name: app, identity: { ${identity} }, roles: [${roles.join(', ')}] }]`

  it('is reported by a dry run, counts for --detailed-exitcode, and stays without --prune', async () => {
    await succeed(fileOf(reader, blobReader))
    const before = everythingIn(state())
    const plan = await apply(fileOf(reader), '--dry-run', '--detailed-exitcode', '-o', 'json')
    expect(plan.status, plan.stderr).toBe(2)
    expect(leftoversOf(plan)).toEqual({ 'default/app': [['role leftover']] })
    expect(resultsOf(plan)).toEqual({ 'default/app': 'unchanged' })
    expect(JSON.parse(plan.stdout)).toMatchObject({ summary: { unchanged: 1, leftovers: 1 } })
    expect(plan.stderr).toMatch(/\[default\/app\] role assignment is no longer needed/)
    expect(plan.stderr).toContain('no longer needed: 1 role assignment; --prune deletes it')
    await succeed(fileOf(reader))
    expect(everythingIn(state())).toEqual(before)
  })

  it('is deleted with --prune, and all others stay', async () => {
    await succeed(fileOf(reader))
    const wanted = objects()
    await succeed(fileOf(reader, blobReader))
    const plan = await succeed(fileOf(reader), '--prune', '--dry-run')
    const outcome = await succeed(fileOf(reader), '--prune', '--yes')
    expect([leftoversOf(plan), leftoversOf(outcome)]).toEqual([
      { 'default/app': [['role deleted']] },
      { 'default/app': [['role deleted']] }
    ])
    expect(resultsOf(outcome)).toEqual({ 'default/app': 'updated' })
    expect(objects()).toEqual(wanted)
    expect((await apply(fileOf(reader), '--prune', '--dry-run', '--detailed-exitcode')).status).toBe(0)
  })

  it('stays if a person has assigned it', async () => {
    await succeed(fileOf(reader))
    const [assigned] = [...state().roleAssignments.values()]
    addRoleAssignment(state(), assigned!.principalId, groupScope(state()), 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
    const before = everythingIn(state())
    expect(leftoversOf(await succeed(fileOf(reader), '--prune', '--yes'))).toEqual({})
    expect(everythingIn(state())).toEqual(before)
  })

  it.each([
    ['a workload of another file', { subject: subjectOf('elsewhere') }],
    ['the same service account in another cluster', { issuer: other, subject: subjectOf('app') }],
    ['a pipeline', { issuer: 'https://token.actions.githubusercontent.com', subject: 'repo:a/b:ref:refs/heads/main' }]
  ])('stays if the identity is used by %s', async (_who, trust) => {
    await succeed(fileOf(reader, blobReader))
    const credential = { name: 'someone', issuer: issuerOf(state()), ...trust }
    for (const application of state().applications.values()) addCredential(application, credential)
    for (const managed of state().managedIdentities.values()) addIdentityCredential(managed, credential)
    const before = everythingIn(state())
    const plan = await apply(fileOf(reader), '--dry-run', '--detailed-exitcode')
    expect(plan.status, plan.stderr).toBe(0)
    const outcome = await succeed(fileOf(reader), '--prune', '--yes')
    expect(leftoversOf(outcome)).toEqual({})
    expect(outcome.stderr).toContain('stay, because others use the identity')
    expect(everythingIn(state())).toEqual(before)
  })

  it('stays as long as another workload of the files asks for it, also one that is not selected', async () => {
    const shared = (a: string, b: string) =>
      `set: mine\nworkloads: [{ name: a, identity: { ${identity} }, roles: [${a}] }, { name: b, identity: { ${identity} }, roles: [${b}] }]`
    await succeed(shared(`${reader}, ${blobReader}`, blobReader))
    const before = everythingIn(state())
    await succeed(shared(reader, blobReader), '--prune', '--yes', '--include', '*/a')
    await succeed(shared(reader, blobReader), '--prune', '--yes')
    expect(everythingIn(state())).toEqual(before)
    await succeed(shared(reader, reader), '--prune', '--yes')
    expect(state().roleAssignments.size).toBe(1)
  })

  it('goes together with the workload that asked for it, if all other users are in the files', async () => {
    const one = (name: string, role: string) => `{ name: ${name}, identity: { ${identity} }, roles: [${role}] }`
    await succeed(`set: mine\nworkloads: [${one('a', reader)}]`)
    const wanted = objects()
    await succeed(`set: mine\nworkloads: [${one('a', reader)}, ${one('b', blobReader)}]`)
    const outcome = await succeed(`set: mine\nworkloads: [${one('a', reader)}]`, '--prune', '--yes')
    expect([resultsOf(outcome), leftoversOf(outcome)]).toEqual([
      { 'default/a': 'updated', 'default/b': 'deleted' },
      { 'default/a': [['role deleted']] }
    ])
    expect(objects()).toEqual(wanted)
  })

  it('stays if the workload that asked for it cannot be deleted', async () => {
    const one = (name: string, role: string) => `{ name: ${name}, identity: { ${identity} }, roles: [${role}] }`
    await succeed(`set: mine\nworkloads: [${one('a', reader)}, ${one('b', blobReader)}]`)
    test.fault((request, _service, next) =>
      request.method === 'DELETE' && request.path.includes('/federatedIdentityCredentials/')
        ? Promise.resolve({ status: 403, body: { error: { code: 'Forbidden', message: 'no' } } })
        : next()
    )
    const outcome = await apply(`set: mine\nworkloads: [${one('a', reader)}]`, '--prune', '--yes', '-o', 'json')
    expect(outcome.status).toBe(4)
    expect(resultsOf(outcome)).toEqual({ 'default/a': 'unchanged', 'default/b': 'failed' })
    expect(state().roleAssignments.size).toBe(2)
  })

  it('is not looked for if the roles of the file cannot be resolved', async () => {
    await succeed(fileOf(reader))
    const before = everythingIn(state())
    const outcome = await apply(fileOf("{ role: Nope, scope: 'sub:' }"), '--prune', '--yes')
    expect(outcome.status).toBe(1)
    expect(everythingIn(state())).toEqual(before)
  })
})

describe.each([
  ['an application', 'application', 'application: { name: old }', 'application: { name: new }'],
  [
    'a managed identity',
    'managed identity',
    'managedIdentity: { name: old, resourceGroup: azwi-sandbox }',
    'managedIdentity: { name: new, resourceGroup: azwi-sandbox }'
  ],
  [
    'an application of its own',
    'application',
    undefined,
    'managedIdentity: { name: new, resourceGroup: azwi-sandbox }'
  ],
  ['the other kind', 'managed identity', 'managedIdentity: { name: old, resourceGroup: azwi-sandbox }', undefined]
])('an identity that a workload no longer uses: %s', (_what, kind, from, to) => {
  const fileOf = (identity: string | undefined, name = 'app') =>
    `set: mine\nworkloads: [{ name: ${name}, ${identity === undefined ? '' : `identity: { ${identity} }, `}roles: [${reader}] }]`

  it('is reported by the dry run of the file that no longer names it, and counts for --detailed-exitcode', async () => {
    await succeed(fileOf(from))
    const before = everythingIn(state())
    const plan = await apply(fileOf(to), '--dry-run', '--detailed-exitcode', '-o', 'json')
    expect(plan.status, plan.stderr).toBe(2)
    expect(leftoversOf(plan)).toEqual({
      'default/app': [['identity leftover', 'credential leftover', 'role leftover']]
    })
    expect(everythingIn(state())).toEqual(before)
  })

  it('is deleted by the same run with --prune, with its credential and its roles', async () => {
    await succeed(fileOf(to))
    const wanted = objects().filter(object => !object.startsWith('deleted '))
    await test.run('sa', 'delete', '--service-account-name', 'app')
    await succeed(fileOf(from))
    const plan = await succeed(fileOf(to), '--prune', '--dry-run')
    const outcome = await succeed(fileOf(to), '--prune', '--yes')
    expect(leftoversOf(outcome)).toEqual({
      'default/app': [['identity deleted', 'credential deleted', 'role deleted']]
    })
    expect(leftoversOf(plan)).toEqual(leftoversOf(outcome))
    expect(resultsOf(outcome)).toEqual({ 'default/app': 'updated' })
    expect(objects().filter(object => !object.startsWith('deleted '))).toEqual(wanted)
  })

  it('is found in a later run, although nothing names it any more', async () => {
    await succeed(fileOf(from))
    await succeed(fileOf(to))
    const connected = clientIdOf('app')
    const plan = await apply(fileOf(to), '--dry-run', '--detailed-exitcode', '-o', 'json')
    expect(plan.status, plan.stderr).toBe(2)
    expect(resultsOf(plan)).toEqual({ 'default/app': 'unchanged' })
    expect(leftoversOf(plan)).toEqual({
      'default/app': [['identity leftover', 'credential leftover', 'role leftover']]
    })
    const outcome = await succeed(fileOf(to), '--prune', '--yes')
    expect(leftoversOf(outcome)).toEqual({
      'default/app': [['identity deleted', 'credential deleted', 'role deleted']]
    })
    expect(objects().filter(object => object.startsWith(`credential of ${kind} `) && object.includes('old'))).toEqual(
      []
    )
    expect([state().applications.size + state().managedIdentities.size, state().roleAssignments.size]).toEqual([1, 1])
    expect(clientIdOf('app')).toBe(connected)
    expect((await apply(fileOf(to), '--prune', '--dry-run', '--detailed-exitcode')).status).toBe(0)
  })

  it('keeps its roles and stays if another cluster uses it: only the credential goes', async () => {
    await succeed(fileOf(from))
    const blueGreen = { name: 'blue', issuer: other, subject: subjectOf('app') }
    for (const application of state().applications.values()) addCredential(application, blueGreen)
    for (const managed of state().managedIdentities.values()) addIdentityCredential(managed, blueGreen)
    await succeed(fileOf(to))
    const outcome = await succeed(fileOf(to), '--prune', '--yes')
    expect(leftoversOf(outcome)).toEqual({ 'default/app': [['identity kept', 'credential deleted', 'role kept']] })
    expect(outcome.stdout).toContain(`${subjectOf('app')} of ${other}`)
    expect([state().applications.size + state().managedIdentities.size, state().roleAssignments.size]).toEqual([2, 2])
    expect(objects().filter(object => object.startsWith('credential') && object.includes(other))).toHaveLength(1)
    expect(objects().filter(object => object.startsWith('credential') && !object.includes(other))).toHaveLength(1)
  })

  it('stays if another workload of the files uses it', async () => {
    if (from === undefined) return
    const both = (identity: string | undefined) =>
      `set: mine\nworkloads: [{ name: b, identity: { ${from} }, roles: [${reader}] }, { name: app, ${identity === undefined ? '' : `identity: { ${identity} }, `}roles: [${reader}] }]`
    await succeed(both(from))
    await succeed(both(to))
    const outcome = await succeed(both(to), '--prune', '--yes')
    expect(leftoversOf(outcome)).toEqual({ 'default/app': [['identity kept', 'credential deleted', 'role kept']] })
    expect([state().applications.size + state().managedIdentities.size, state().roleAssignments.size]).toEqual([2, 2])
    expect(objects().filter(object => object.startsWith('credential'))).toHaveLength(2)
  })

  it('is not deleted if a person has added something to it, unless --force is given', async () => {
    await succeed(fileOf(from))
    const principalId = [...state().roleAssignments.values()][0]!.principalId
    const byPerson = addRoleAssignment(
      state(),
      principalId,
      groupScope(state()),
      'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
    )
    await succeed(fileOf(to))
    const before = everythingIn(state())
    const plan = await succeed(fileOf(to), '--prune', '--dry-run')
    expect(plan.stderr).toContain(`people have added: the role assignment ${byPerson.id}`)
    const outcome = await apply(fileOf(to), '--prune', '--yes', '-o', 'json')
    expect(outcome.status).toBe(1)
    expect(resultsOf(outcome)).toEqual({ 'default/app': 'failed' })
    expect(outcome.stderr).toContain(byPerson.id)
    expect(everythingIn(state())).toEqual(before)
    expect(leftoversOf(await succeed(fileOf(to), '--prune', '--yes', '--force'))).toEqual({
      'default/app': [['identity deleted', 'credential deleted', 'role deleted']]
    })
  })

  it('stays if the service account could not be connected to the new one', async () => {
    await succeed(fileOf(from))
    test.fault((request, service, next) =>
      service === 'kubernetes' && request.method === 'PATCH'
        ? Promise.resolve({ status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'no', code: 403 } })
        : next()
    )
    const outcome = await apply(fileOf(to), '--prune', '--yes')
    expect(outcome.status).toBe(4)
    expect(
      objects()
        .filter(object => object.startsWith('service account default/app'))
        .join()
    ).not.toContain('NOBODY')
    expect(endState(state()).orphans).toEqual([])
    expect(state().roleAssignments.size).toBe(2)
  })
})

describe('identities that a workload no longer uses', () => {
  it('stay if azwi did not create them, without the credential and the role that azwi created', async () => {
    const application = addApplication(state(), 'theirs')
    const principal = addServicePrincipal(state(), application)
    const before = objects()
    const file = (identity: string) =>
      `set: mine\nworkloads: [{ name: app, identity: { application: { ${identity} } }, roles: [${reader}] }]`
    await succeed(file(`clientId: ${application.appId}`))
    const outcome = await succeed(file('name: new'), '--prune', '--yes')
    expect(leftoversOf(outcome)).toEqual({ 'default/app': [['identity kept', 'credential deleted', 'role deleted']] })
    expect(application.federatedIdentityCredentials).toEqual([])
    expect([...state().roleAssignments.values()].filter(({ principalId }) => principalId === principal.id)).toEqual([])
    expect(objects()).toEqual(expect.arrayContaining([...before]))
  })

  it('are not taken from a service account that another owner connected', async () => {
    await succeed('set: mine\nworkloads: [{ name: app, identity: { application: { name: new } } }]')
    // A marked application with the trust of another service account: of another set, and of no file.
    await succeed('set: theirs\nworkloads: [{ name: victim, identity: { application: { name: old } } }]')
    const before = everythingIn(state())
    expect(
      leftoversOf(
        await succeed(
          'set: mine\nworkloads: [{ name: app, identity: { application: { name: new } } }]',
          '--prune',
          '--yes'
        )
      )
    ).toEqual({})
    expect(everythingIn(state())).toEqual(before)
  })

  it('of the Go azwi are found by the name that it derives', async () => {
    const { derivedName } = await goConnection()
    const outcome = await succeed(
      'set: mine\nworkloads: [{ name: app, identity: { application: { name: new } } }]',
      '--adopt'
    )
    expect(outcome.status).toBe(0)
    const pruned = await succeed(
      'set: mine\nworkloads: [{ name: app, identity: { application: { name: new } } }]',
      '--prune',
      '--yes'
    )
    expect(leftoversOf(pruned)).toEqual({ 'default/app': [['identity deleted', 'credential deleted']] })
    expect([...state().applications.values()].map(({ displayName }) => displayName)).toEqual(['new'])
    expect(derivedName).toContain('default-app-')
  })

  it('are looked for with a number of requests that does not depend on the number of workloads', async () => {
    const fileOf = (count: number) =>
      `set: mine\nworkloads:\n${Array.from(
        { length: count },
        (_, index) =>
          `- { name: app-${index}, identity: { managedIdentity: { name: app-${index}, resourceGroup: azwi-sandbox } }, roles: [${reader}] }`
      ).join('\n')}`
    const requestsOf = async (count: number, ...flags: readonly string[]) => {
      test.sandbox.requests.length = 0
      await succeed(fileOf(count), ...flags)
      return test.sandbox.requests.length
    }
    await requestsOf(40)
    const extra = async (count: number) => (await requestsOf(count, '--dry-run')) - (await requestsOf(count))
    const few = await extra(10)
    expect(few).toBeLessThanOrEqual(8)
    // Names of applications are looked up in batches of 15.
    expect((await extra(40)) - few).toBeLessThanOrEqual(2)
  })
})

/** Connects app as the Go azwi does: it marks the service principal, and no application. */
async function goConnection(): Promise<{ readonly derivedName: string }> {
  await test.run('sa', 'create', '--service-account-name', 'app')
  const application = onlyApplication(state())
  application.tags.splice(0)
  for (const principal of state().servicePrincipals.values())
    if (principal.appId === application.appId) principal.tags.splice(0, Infinity, 'azwi version: v1.0.0, commit: abc')
  return { derivedName: application.displayName }
}

it('no former identity is looked for if all workloads are new', async () => {
  addManagedIdentity(state(), 'marked', { tags: { 'managed-by': 'azwi' } })
  await succeed(`set: mine\nworkloads: [{ name: app, roles: [${reader}] }]`, '--dry-run')
  expect(
    test.sandbox.requests.filter(({ path }) => path.endsWith('/Microsoft.ManagedIdentity/userAssignedIdentities'))
  ).toEqual([])
})

it('a login without permission for the directory sees the plan, and what was not looked for', async () => {
  const file = 'workloads: [{ name: app, identity: { managedIdentity: { name: one, resourceGroup: azwi-sandbox } } }]'
  await succeed(file)
  test.fault((_request, service, next) =>
    service === 'graph'
      ? Promise.resolve({ status: 403, body: { error: { code: 'Authorization_RequestDenied', message: 'no' } } })
      : next()
  )
  const plan = await succeed(file, '--dry-run')
  expect(plan.stderr).toContain('could not look for applications that no workload uses any more')
  expect(resultsOf(plan)).toEqual({ 'default/app': 'unchanged' })
})
