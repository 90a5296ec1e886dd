import { describe, expect, it } from 'vitest'
import { recreateAllPodsLines } from '../../src/doctor/fixes/pod.js'
import { removeWorkloadIdentityWebhook } from '../../sandbox/src/kubernetes/workload-identity-webhook.js'
import { podNames } from '../../sandbox/test/workload.js'
import { evidenceOf, withCluster } from './sandbox-evidence.js'
import { clientId, clientIdAnnotation, problemsIn, validTemplate, undoInjection, usePodSetup } from './pod-setup.js'

const setup = usePodSetup()
const restart = 'kubectl rollout restart deployment/app --namespace default'
const otherId = '99999999-2222-3333-4444-555555555555'
const expiration = 'azure.workload.identity/service-account-token-expiration'
const only = () => {
  const [finding, ...more] = problemsIn(setup.check())
  expect(more).toEqual([])
  return finding
}
const outcomes = () => setup.check().map(({ check, outcome }) => `${check}: ${outcome}`)

describe('the check pod-age', () => {
  it.each([
    [1, '1 of 2 pods has'],
    [2, 'all 2 pods have']
  ])('fails if %i of 2 pods have no token', async (count, some) => {
    await setup.createWorkload('Deployment', validTemplate(), { replicas: 2 })
    undoInjection(setup.sandbox, count)
    expect(only()).toMatchObject({
      check: 'pod-age',
      outcome: 'fail',
      of: 'deployment/app',
      message: expect.stringContaining(some) as string,
      fix: [restart]
    })
  })

  it('resumes a paused deployment whose pods lack the label', async () => {
    await setup.createWorkload('Deployment', validTemplate({ labels: { app: 'app' } }))
    await setup.patchDeployment({ spec: { paused: true, template: validTemplate() } })
    expect(only()).toMatchObject({
      check: 'pod-age',
      fix: ['kubectl rollout resume deployment/app --namespace default', restart]
    })
  })

  it.each<[string, object, string, string, string]>([
    ['another client id', { [clientIdAnnotation]: otherId }, clientId, otherId, 'client id'],
    ['a tenant id', { 'azure.workload.identity/tenant-id': otherId }, 'TENANT', otherId, 'tenant id']
  ])('fails for pods from before %s', async (_what, annotations, found, expected, what) => {
    await setup.createWorkload('Deployment', validTemplate(), { replicas: 2 })
    await setup.patchAccount({ annotations })
    expect(only()).toMatchObject({
      check: 'pod-age',
      message: `all 2 pods were made before the service account had this ${what}`,
      found: found.replace('TENANT', setup.sandbox.state.tenantId),
      expected,
      fix: [restart]
    })
  })

  it('fails for pods from before the first client ID', async () => {
    await setup.patchAccount({ annotations: { [clientIdAnnotation]: null } })
    await setup.createWorkload('StatefulSet', validTemplate(), { updateStrategy: { type: 'OnDelete' } })
    expect(problemsIn(setup.check())).toEqual([])
    await setup.patchAccount({ annotations: { [clientIdAnnotation]: clientId } })
    expect(only()).toMatchObject({
      check: 'pod-age',
      found: 'no AZURE_CLIENT_ID',
      expected: clientId,
      fix: ['kubectl delete pod app-0 --namespace default']
    })
  })

  it('has no fix for a standalone pod', async () => {
    await setup.createPod()
    await setup.patchAccount({ annotations: { [clientIdAnnotation]: otherId } })
    expect(only()).toMatchObject({
      check: 'pod-age',
      of: 'pod/app',
      details: [expect.stringContaining('delete it and create it again')]
    })
    expect(only()).not.toHaveProperty('fix')
  })

  it('ignores letter case', async () => {
    await setup.patchAccount({ annotations: { [clientIdAnnotation]: 'ABCDEF00-2222-3333-4444-555555555555' } })
    await setup.createWorkload()
    await setup.patchAccount({ annotations: { [clientIdAnnotation]: 'abcdef00-2222-3333-4444-555555555555' } })
    expect(problemsIn(setup.check())).toEqual([])
  })

  it('is skipped without the webhook', async () => {
    await setup.createWorkload()
    undoInjection(setup.sandbox)
    const expected = [
      'pod-service-account: ok',
      'pod-label: ok',
      'pod-age: skipped',
      'pod-environment: skipped',
      'pod-token-volume: skipped',
      'pod-containers: ok'
    ]
    removeWorkloadIdentityWebhook(setup.sandbox.state)
    expect(outcomes()).toEqual(expected)
    expect(setup.check()[2]?.message).toBe('because the webhook is not there')
    const aks = { value: { name: 'shop', resourceGroup: 'shop', issuer: 'https://issuer', workloadIdentity: false } }
    expect(setup.check(of => withCluster(of, { aks }))[2]?.message).toContain('workload identity is off')
  })

  it('is skipped if the webhook does not answer, leaves out the namespace or refuses the pods', async () => {
    await setup.createWorkload()
    await setup.webhookReplicas(0)
    await setup.patchDeployment({ spec: { template: { metadata: { annotations: { again: 'yes' } } } } })
    expect(setup.check()[2]).toMatchObject({ outcome: 'ok' })
    undoInjection(setup.sandbox)
    expect(setup.check()[2]).toMatchObject({
      outcome: 'skipped',
      message: 'because no endpoint of the webhook is ready'
    })
    await setup.webhookReplicas(2)
    undoInjection(setup.sandbox)
    expect(
      setup.check(of =>
        withCluster(of, { namespaces: { value: new Map([['default', { 'control-plane': 'true' }]]) } })
      )[2]
    ).toMatchObject({ outcome: 'skipped', message: 'because the webhook leaves out the namespace default' })
    await setup.patchAccount({ annotations: { [expiration]: '60' } })
    expect(setup.check()[2]).toMatchObject({
      outcome: 'skipped',
      message: expect.stringContaining('token expiration') as string
    })
  })

  it('shows the error of the API server if the webhook refuses new pods', async () => {
    await setup.createWorkload()
    await setup.webhookReplicas(0)
    await setup.patchDeployment({ spec: { template: { metadata: { annotations: { again: 'yes' } } } } })
    const endpoints = (of: ReturnType<typeof evidenceOf>) => {
      if ('value' in of.cluster.webhook) Object.assign(of.cluster.webhook.value!, { readyEndpoints: undefined })
      return of
    }
    expect(problemsIn(setup.check(endpoints))).toMatchObject([
      {
        check: 'pod-age',
        message: 'the webhook refuses its new pods; an old one is left',
        found: expect.stringContaining('no endpoints available') as string,
        fix: [restart]
      }
    ])
  })
})

describe('recreateAllPodsLines', () => {
  it('restarts every workload with pods', async () => {
    await setup.createWorkload()
    await setup.createWorkload('StatefulSet', validTemplate(), { updateStrategy: { type: 'OnDelete' } })
    await setup.createCronJob()
    await setup.createPod({ name: 'alone' })
    await setup.createJob()
    const job = podNames(setup.sandbox).at(-1)!
    expect(recreateAllPodsLines(evidenceOf(setup.sandbox)).sort()).toEqual(
      ['kubectl delete pod app-0 --namespace default', `kubectl delete pod ${job} --namespace default`, restart].sort()
    )
  })
})
