import { describe, expect, it } from 'vitest'
import { endState } from '../../faults/end-state.js'
import { subjectOf } from '../../helpers/connected.js'
import { addIdentityCredential, addManagedIdentity } from '../../helpers/managed-identity.js'
import {
  addApplication,
  addCredential,
  addRoleAssignment,
  addServiceAccount,
  addServicePrincipal,
  everythingIn,
  groupScope,
  issuerOf,
  readerRole,
  serviceAccountIn
} from '../../helpers/state.js'
import { resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply } = useApply()
const other = 'https://another-cluster.example/'
const discovery = '/.well-known/openid-configuration'
const state = () => test.sandbox.state
const empty = 'set: mine\nworkloads: []'

/** The service account of another cluster, as a backup or `kubectl apply` brings it into this one, with its marked identity. */
function copyFromOtherCluster(kind: string, manager: string | undefined): void {
  const trust = { issuer: other, subject: subjectOf('copied') }
  const application = kind === 'application' ? addApplication(state(), 'copied', { tags: ['azwi'] }) : undefined
  const managed = application ? undefined : addManagedIdentity(state(), 'copied', { tags: { 'managed-by': 'azwi' } })
  if (application) addCredential(application, trust)
  if (managed) addIdentityCredential(managed, trust)
  const principalId = managed?.principalId ?? addServicePrincipal(state(), application!).id
  addRoleAssignment(state(), principalId, groupScope(state()), readerRole)
  addServiceAccount(state(), 'copied', {
    labels: { 'azwi/set': 'mine', 'app.kubernetes.io/managed-by': 'azwi' },
    annotations: {
      'azure.workload.identity/client-id': managed?.clientId ?? application!.appId,
      'azure.workload.identity/tenant-id': state().tenantId,
      // An annotation of azwi is no proof: the copy has all of them.
      'azwi/issuer': other
    },
    managedFields:
      manager === undefined
        ? []
        : [
            {
              manager,
              operation: manager === 'azwi' ? 'Apply' : 'Update',
              apiVersion: 'v1',
              time: '2024-01-02T03:04:05Z',
              fieldsType: 'FieldsV1',
              fieldsV1: {
                'f:metadata': {
                  'f:labels': { 'f:azwi/set': {}, 'f:app.kubernetes.io/managed-by': {} },
                  'f:annotations': {
                    'f:azure.workload.identity/client-id': {},
                    'f:azure.workload.identity/tenant-id': {},
                    'f:azwi/issuer': {}
                  }
                }
              }
            }
          ]
  })
}
const inAzure = () => endState(state()).objects.filter(object => !object.startsWith('service account'))

describe.each(['application', 'managed identity'])(
  'a service account that was copied from another cluster, with its %s',
  kind => {
    it.each([
      ['kubectl', 'kubectl-client-side-apply', 'azwi did not put the label azwi/set on it'],
      ['a tool that removes managedFields', undefined, 'the API server does not say who put the label azwi/set on it']
    ])('is not pruned, if it was copied by %s', async (_how, manager, reason) => {
      copyFromOtherCluster(kind, manager)
      const before = everythingIn(state())
      const outcome = await apply(empty, '--prune', '--yes', '-o', 'json')
      expect(outcome.status, outcome.stderr).toBe(0)
      expect(resultsOf(outcome)).toEqual({ 'default/copied': 'unchanged' })
      expect(outcome.stdout).toContain(reason)
      expect(everythingIn(state())).toEqual(before)
    })

    it('loses nothing in Azure, if a backup restored its managers too', async () => {
      copyFromOtherCluster(kind, 'azwi')
      const before = inAzure()
      const outcome = await apply(empty, '--prune', '--yes', '-o', 'json')
      expect(outcome.status, outcome.stderr).toBe(0)
      expect(resultsOf(outcome)).toEqual({ 'default/copied': 'deleted' })
      expect(outcome.stdout).toContain(`${subjectOf('copied')} of ${other}`)
      expect(outcome.stderr).toContain('trusts this service account with another issuer')
      expect(inAzure()).toEqual(before)
    })
  }
)

describe('a prune', () => {
  it('is refused before anything is written if the issuer of the cluster is not known', async () => {
    await apply('set: mine\nworkloads: [{ name: goes }]')
    const before = everythingIn(state())
    test.fault((request, _service, next) =>
      request.path === discovery
        ? Promise.resolve({ status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'no', code: 403 } })
        : next()
    )
    for (const text of [empty, `set: mine\nworkloads: [{ name: fresh, issuer: "${issuerOf(state())}" }]`]) {
      const { status, stderr } = await apply(text, '--prune', '--yes')
      expect(status, stderr).toBe(1)
      expect(stderr).toMatch(/^Error: it is not known which issuer the cluster has/m)
      expect(stderr).toMatch(/^Hint: .*kubectl create clusterrolebinding .*system:service-account-issuer-discovery/m)
      expect(stderr.match(/^Error: /gm)).toHaveLength(1)
      expect(everythingIn(state())).toEqual(before)
    }
  })

  it.each([
    ['of a workload', `set: mine\nworkloads: [{ name: app, issuer: "${other}" }]`, []],
    [
      'of a workload that is not selected',
      `set: mine\nworkloads: [{ name: app, issuer: "${other}" }]`,
      ['--include', '*/goes']
    ],
    ['of the defaults of an empty set', `set: mine\ndefaults: { issuer: "${other}" }\nworkloads: []`, []]
  ])(
    'is refused before anything is written if an issuer of the files is another one: %s',
    async (_where, text, flags) => {
      await apply('set: mine\nworkloads: [{ name: goes }]')
      const before = everythingIn(state())
      const { status, stderr } = await apply(text, '--prune', '--yes', ...flags)
      expect(status, stderr).toBe(1)
      expect(stderr).toMatch(/workloads\.yaml:2:\d+: the issuer is https:\/\/another-cluster\.example\//)
      expect(stderr.match(/^Error: /gm)).toHaveLength(1)
      expect(everythingIn(state())).toEqual(before)
    }
  )

  it('keeps credentials of another issuer with --allow-other-issuer too', async () => {
    const file = `set: mine\nworkloads: [{ name: app, issuer: "${other}", identity: { managedIdentity: { name: one, resourceGroup: azwi-sandbox } }, roles: [{ role: Reader, scope: 'rg:azwi-sandbox' }] }]`
    await apply(file, '--allow-other-issuer')
    const before = inAzure()
    const outcome = await apply(empty, '--prune', '--yes', '--allow-other-issuer')
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(inAzure()).toEqual(before)
    expect(serviceAccountIn(state(), 'app')).toBeUndefined()
  })

  it('leaves a service account alone on which a person has put the label of the set', async () => {
    await test.run('sa', 'create', '--service-account-name', 'app')
    const account = serviceAccountIn(state(), 'app')!
    account.metadata.labels = { ...account.metadata.labels, 'azwi/set': 'mine' }
    ;(account.metadata.managedFields as unknown[]).push({
      manager: 'kubectl-label',
      operation: 'Update',
      fieldsV1: { 'f:metadata': { 'f:labels': { 'f:azwi/set': {} } } }
    })
    const before = everythingIn(state())
    const outcome = await apply(empty, '--prune', '--yes', '-o', 'json')
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(outcome.stdout).toContain('azwi did not put the label azwi/set on it')
    expect(everythingIn(state())).toEqual(before)
  })
})
