import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../helpers/azwi.js'
import { connectApplication } from '../../helpers/connected.js'
import { addIdentityCredential, addManagedIdentity } from '../../helpers/managed-identity.js'
import { addServiceAccount, serviceAccountIn } from '../../helpers/state.js'
import { resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply } = useApply()
const accounts = () =>
  [...test.sandbox.state.cluster.serviceAccounts.values()]
    .filter(({ metadata }) => metadata.annotations?.['azure.workload.identity/client-id'] !== undefined)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    .toSorted()
const applications = () =>
  [...test.sandbox.state.applications.values()]
    .map(({ displayName }) => displayName.replace(/-[\w-]{43}=$/, ''))
    .toSorted()
/** Returns for each workload its result, and the results of its identity and of its roles. */
function actions({ stdout }: Outcome): unknown[] {
  interface Acted {
    readonly action: string
  }
  const { workloads } = JSON.parse(stdout) as {
    workloads: { result: string; identity: Acted; roleAssignments: Acted[] }[]
  }
  return workloads.map(({ result, identity, roleAssignments }) => [
    result,
    identity.action,
    roleAssignments.map(({ action }) => action)
  ])
}
const role = "defaults: { roles: [{ role: Reader, scope: 'rg:azwi-sandbox' }] }\n"

describe('azwi serviceaccount apply --prune', () => {
  it('deletes only what an earlier apply of the set created and the file no longer contains', async () => {
    const { state } = test.sandbox
    connectApplication(state, 'somebody-elses')
    await apply(`set: other\n${role}workloads: [{ name: of-another-set }]`)
    await apply('workloads: [{ name: of-no-set }]')
    await apply(`set: mine\n${role}workloads: [{ name: stays }, { name: goes }, { name: moves }]`)
    const before = state.roleAssignments.size
    const outcome = await apply(
      `set: mine\n${role}workloads: [{ name: stays }, { name: moves, namespace: kube-public }]`,
      '--prune',
      '--yes',
      '-o',
      'json'
    )
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(resultsOf(outcome)).toEqual({
      'default/stays': 'unchanged',
      'kube-public/moves': 'created',
      'default/goes': 'deleted',
      'default/moves': 'deleted'
    })
    expect(accounts()).toEqual([
      'default/of-another-set',
      'default/of-no-set',
      'default/somebody-elses',
      'default/stays',
      'kube-public/moves'
    ])
    expect(applications()).toEqual([
      'default-of-another-set',
      'default-of-no-set',
      'default-somebody-elses',
      'default-stays',
      'kube-public-moves'
    ])
    expect(state.roleAssignments.size).toBe(before - 1)
    expect(
      resultsOf(
        await apply(
          `set: mine\n${role}workloads: [{ name: stays }, { name: moves, namespace: kube-public }]`,
          '--prune',
          '--yes',
          '-o',
          'json'
        )
      )
    ).toEqual({ 'default/stays': 'unchanged', 'kube-public/moves': 'unchanged' })
  })

  it('keeps an identity that another workload still uses', async () => {
    const identity = 'identity: { application: { name: together } }'
    await apply(`set: mine\n${role}workloads: [{ name: a, ${identity} }, { name: b, ${identity} }]`)
    await apply(`set: mine\n${role}workloads: [{ name: a, ${identity} }]`, '--prune', '--yes')
    expect(accounts()).toEqual(['default/a'])
    const [application] = test.sandbox.state.applications.values()
    expect(application?.federatedIdentityCredentials.map(({ subject }) => subject)).toEqual([
      'system:serviceaccount:default:a'
    ])
    expect(test.sandbox.state.roleAssignments.size).toBe(1)
  })

  describe.each([
    ['an application by name', 'application: { name: TOGETHER }', 'application: { name: together }'],
    [
      'a managed identity',
      'managedIdentity: { name: TOGETHER, resourceGroup: AZWI-sandbox }',
      'managedIdentity: { name: together, resourceGroup: azwi-sandbox }'
    ]
  ])('keeps an identity that the files name, and its roles: %s', (_what, renamed, original) => {
    const fileOf = (name: string, identity: string) =>
      `set: mine\n${role}workloads: [{ name: ${name}, identity: { ${identity} } }]`
    const remaining = () => [
      test.sandbox.state.applications.size + test.sandbox.state.managedIdentities.size,
      test.sandbox.state.roleAssignments.size
    ]

    it.each([
      ['for a workload that failed', 'b, namespace: missing', []],
      ['for a workload that is not selected', 'b', ['--include', 'default/a']]
    ])('%s', async (_why, name, flags) => {
      await apply(fileOf('a', original))
      const outcome = await apply(fileOf(name, renamed), '--prune', '--yes', '-o', 'json', ...flags)
      expect(resultsOf(outcome)).toMatchObject({ 'default/a': 'deleted' })
      expect(actions(outcome).at(-1)).toEqual(['deleted', 'kept', ['kept']])
      expect(outcome.stdout).toContain('it is in the files')
      expect([accounts(), remaining()]).toEqual([[], [1, 1]])
    })

    it('for a renamed workload, and the plan reports it', async () => {
      await apply(fileOf('a', original))
      const plan = await apply(fileOf('b', renamed), '--prune', '--yes', '--dry-run', '-o', 'json')
      expect(actions(plan)).toEqual([
        ['created', 'kept', ['kept']],
        ['deleted', 'kept', ['kept']]
      ])
      const outcome = await apply(fileOf('b', renamed), '--prune', '--yes', '-o', 'json')
      expect(outcome.status, outcome.stderr).toBe(0)
      expect(actions(outcome)).toEqual(actions(plan))
      expect([accounts(), remaining()]).toEqual([['default/b'], [1, 1]])
    })
  })

  it('deletes a shared identity with its last workload', async () => {
    const identity = 'identity: { managedIdentity: { name: together, resourceGroup: azwi-sandbox } }'
    await apply(`set: mine\n${role}workloads: [{ name: a, ${identity} }, { name: b, ${identity} }, { name: c }]`)
    // The plan accounts for the credentials that the run deletes before.
    const plan = await apply(
      `set: mine\n${role}workloads: [{ name: c }]`,
      '--prune',
      '--yes',
      '--dry-run',
      '-o',
      'json'
    )
    expect(actions(plan)).toEqual([
      ['unchanged', 'kept', ['kept']],
      ['deleted', 'kept', ['kept']],
      ['deleted', 'deleted', ['deleted']]
    ])
    const outcome = await apply(`set: mine\n${role}workloads: [{ name: c }]`, '--prune', '--yes', '-o', 'json')
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(actions(outcome)).toEqual(actions(plan))
    expect(accounts()).toEqual(['default/c'])
    expect(test.sandbox.state.managedIdentities.size).toBe(0)
    expect(test.sandbox.state.roleAssignments.size).toBe(1)
    // The annotation of each service account says where its identity is. Each run lists the subscription once, to find identities that are left over.
    expect(
      test.sandbox.requests.filter(({ path }) => path.endsWith('/Microsoft.ManagedIdentity/userAssignedIdentities'))
    ).toHaveLength(2)
  })

  it('deletes all workloads of a set if the file has none', async () => {
    await apply('set: mine\nworkloads: [{ name: a }]')
    const outcome = await apply('set: mine\nworkloads: []', '--prune', '--yes', '-o', 'json')
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(accounts()).toEqual([])
    expect(applications()).toEqual([])
  })

  it('deletes a service account to which the file added labels', async () => {
    await apply('set: mine\nworkloads: [{ name: a, labels: { team: blue } }]')
    await apply('set: mine\nworkloads: []', '--prune', '--yes')
    expect(serviceAccountIn(test.sandbox.state, 'a')).toBeUndefined()
  })

  it('removes only the annotations of a service account, and keeps an identity, that azwi did not create', async () => {
    const { state } = test.sandbox
    addServiceAccount(state, 'theirs', { labels: { team: 'red' } })
    const { application } = connectApplication(state, 'other')
    await apply(
      `set: mine\nworkloads: [{ name: theirs, identity: { application: { clientId: ${application.appId} } } }]`
    )
    const outcome = await apply('set: mine\nworkloads: []', '--prune', '--yes', '-o', 'json')
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(serviceAccountIn(state, 'theirs')?.metadata).toMatchObject({ labels: { team: 'red' } })
    expect(serviceAccountIn(state, 'theirs')?.metadata.labels).not.toHaveProperty(['azwi/set'])
    expect(accounts()).toEqual(['default/other'])
    expect(application.federatedIdentityCredentials.map(({ subject }) => subject)).toEqual([
      'system:serviceaccount:default:other'
    ])
    expect(state.roleAssignments.size).toBe(1)
  })

  it('keeps the credentials of other issuers and their identities, also of an issuer that a file named', async () => {
    const { state } = test.sandbox
    const managed = addManagedIdentity(state)
    const elsewhere = addIdentityCredential(managed, {
      subject: 'system:serviceaccount:default:shares',
      issuer: 'https://another-cluster.example/'
    })
    const file = `set: mine\ndefaults: { issuer: "https://issuer.example/" }\nworkloads:\n- { name: own }\n- { name: shares, identity: { managedIdentity: { resourceId: ${managed.id} } } }`
    await apply(file, '--allow-other-issuer')
    expect(managed.federatedIdentityCredentials).toHaveLength(2)
    expect((await apply(file, '--allow-other-issuer', '--dry-run', '--detailed-exitcode')).status).toBe(0)
    // A create without an issuer keeps the recorded one.
    await test.run(
      'sa',
      'create',
      'phase',
      'sa',
      '--service-account-name',
      'shares',
      '--managed-identity-resource-id',
      managed.id,
      '--labels',
      'tier=back'
    )
    const outcome = await apply('set: mine\nworkloads: []', '--prune', '--yes', '-o', 'json')
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(resultsOf(outcome)).toEqual({ 'default/own': 'deleted', 'default/shares': 'deleted' })
    expect([accounts(), applications(), managed.federatedIdentityCredentials]).toEqual([
      [],
      ['default-own'],
      [elsewhere, expect.objectContaining({ issuer: 'https://issuer.example/' })]
    ])
  })

  it('uses the issuer that the file named last', async () => {
    await apply(
      'set: mine\nworkloads: [{ name: a, issuer: "https://issuer.example/", identity: { application: { name: x } } }]',
      '--allow-other-issuer'
    )
    await apply('set: mine\nworkloads: [{ name: a, identity: { application: { name: x } } }]', '--adopt')
    expect(serviceAccountIn(test.sandbox.state, 'a')?.metadata.annotations).not.toHaveProperty(['azwi/issuer'])
    await apply('set: mine\nworkloads: []', '--prune', '--yes')
    const [application] = test.sandbox.state.applications.values()
    expect(application?.federatedIdentityCredentials.map(({ issuer }) => issuer)).toEqual(['https://issuer.example/'])
  })

  it('is limited by --include and --exclude', async () => {
    await apply('set: mine\nworkloads: [{ name: a, namespaces: [default, kube-public] }]')
    await apply('set: mine\nworkloads: []', '--prune', '--yes', '--exclude', 'default/*')
    expect(accounts()).toEqual(['default/a'])
  })

  it('keeps a workload that failed, and continues after one that cannot be deleted', async () => {
    await apply('set: mine\nworkloads: [{ name: a }, { name: b }, { name: c }]')
    test.fault((request, service, next) =>
      service === 'kubernetes' && request.method === 'DELETE' && request.path.endsWith('/a')
        ? Promise.resolve({
            status: 403,
            body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'no', reason: 'Forbidden', code: 403 }
          })
        : next()
    )
    const outcome = await apply(
      "set: mine\nworkloads: [{ name: c, roles: [{ role: Nope, scope: 'sub:' }] }]",
      '--prune',
      '--yes',
      '-o',
      'json'
    )
    expect(outcome.status).not.toBe(0)
    expect(resultsOf(outcome)).toEqual({
      'default/a': 'failed',
      'default/b': 'deleted',
      'default/c': 'failed'
    })
    expect(accounts()).toContain('default/c')
  })

  it('deletes the service account last, so that the next run finds it', async () => {
    const { state } = test.sandbox
    const managed = 'identity: { managedIdentity: { name: own-one, resourceGroup: azwi-sandbox } }'
    await apply(`set: mine\n${role}workloads: [{ name: a }, { name: b, ${managed} }]`)
    test.fault((request, service, next) =>
      service !== 'kubernetes' && request.method === 'DELETE'
        ? Promise.resolve({ status: 403, body: { error: { code: 'Authorization_RequestDenied', message: 'no' } } })
        : next()
    )
    const first = await apply('set: mine\nworkloads: []', '--prune', '--yes', '-o', 'json')
    expect(first.status).not.toBe(0)
    expect(resultsOf(first)).toEqual({
      'default/a': 'failed',
      'default/b': 'failed'
    })
    expect(accounts()).toEqual(['default/a', 'default/b'])
    test.fault((_request, _service, next) => next())
    const second = await apply('set: mine\nworkloads: []', '--prune', '--yes', '-o', 'json')
    expect(second.status, second.stderr).toBe(0)
    expect(resultsOf(second)).toEqual({ 'default/a': 'deleted', 'default/b': 'deleted' })
    expect([accounts(), applications(), state.managedIdentities.size, state.roleAssignments.size]).toEqual([
      [],
      [],
      0,
      0
    ])
  })

  it.each([
    ['a file', 'workloads: [{ name: a }]'],
    ['one of two documents', 'set: mine\nworkloads: [{ name: a }]\n---\nworkloads: [{ name: b }]']
  ])('is refused before any request if %s has no set', async (_what, text) => {
    const { status, stderr } = await apply(text, '--prune', '--yes')
    expect({ status, requests: test.sandbox.requests }).toEqual({ status: 2, requests: [] })
    expect(stderr).toContain('Error: --prune needs to know whose workloads these are')
  })
})
