import { describe, expect, it } from 'vitest'
import { recreateAllPodsLines } from '../../src/doctor/fixes/pod.js'
import { removeWorkloadIdentityWebhook } from '../../sandbox/src/kubernetes/workload-identity-webhook.js'
import { podNames } from '../../sandbox/test/workload.js'
import { evidenceOf, withCluster } from './sandbox-evidence.js'
import { clientId, clientIdAnnotation, problemsIn, validTemplate, undoInjection, usePodSetup } from './pod-setup.js'

const world = usePodSetup()
const restart = 'kubectl rollout restart deployment/app --namespace default'
const otherId = '99999999-2222-3333-4444-555555555555'
const expiration = 'azure.workload.identity/service-account-token-expiration'
const only = () => {
  const [finding, ...more] = problemsIn(world.check())
  expect(more).toEqual([])
  return finding
}
const outcomes = () => world.check().map(({ check, outcome }) => `${check}: ${outcome}`)

describe('the age', () => {
  it.each([
    [1, '1 of 2 pods has'],
    [2, 'all 2 pods have']
  ])('%i of 2 pods have nothing from the webhook', async (count, some) => {
    await world.createWorkload('Deployment', validTemplate(), { replicas: 2 })
    undoInjection(world.sandbox, count)
    expect(only()).toMatchObject({
      check: 'pod-age',
      outcome: 'fail',
      of: 'deployment/app',
      message: expect.stringContaining(some) as string,
      fix: [restart]
    })
  })

  it('is that before the label came to the template of a paused deployment', async () => {
    await world.createWorkload('Deployment', validTemplate({ labels: { app: 'app' } }))
    await world.patchDeployment({ spec: { paused: true, template: validTemplate() } })
    expect(only()).toMatchObject({
      check: 'pod-age',
      fix: ['kubectl rollout resume deployment/app --namespace default', restart]
    })
  })

  it.each<[string, object, string, string, string]>([
    ['another client id', { [clientIdAnnotation]: otherId }, clientId, otherId, 'client id'],
    ['a tenant id', { 'azure.workload.identity/tenant-id': otherId }, 'TENANT', otherId, 'tenant id']
  ])('is that before the account had %s', async (_what, annotations, found, expected, what) => {
    await world.createWorkload('Deployment', validTemplate(), { replicas: 2 })
    await world.patchAccount({ annotations })
    expect(only()).toMatchObject({
      check: 'pod-age',
      message: `all 2 pods were made before the service account had this ${what}`,
      found: found.replace('TENANT', world.sandbox.state.tenantId),
      expected,
      fix: [restart]
    })
  })

  it('is that before the account had a client id at all', async () => {
    await world.patchAccount({ annotations: { [clientIdAnnotation]: null } })
    await world.createWorkload('StatefulSet', validTemplate(), { updateStrategy: { type: 'OnDelete' } })
    expect(problemsIn(world.check())).toEqual([])
    await world.patchAccount({ annotations: { [clientIdAnnotation]: clientId } })
    expect(only()).toMatchObject({
      check: 'pod-age',
      found: 'no AZURE_CLIENT_ID',
      expected: clientId,
      fix: ['kubectl delete pod app-0 --namespace default']
    })
  })

  it('of a pod that stands alone is mended by no line', async () => {
    await world.createPod()
    await world.patchAccount({ annotations: { [clientIdAnnotation]: otherId } })
    expect(only()).toMatchObject({
      check: 'pod-age',
      of: 'pod/app',
      details: [expect.stringContaining('delete it and create it again')]
    })
    expect(only()).not.toHaveProperty('fix')
  })

  it('does not matter for letter case', async () => {
    await world.patchAccount({ annotations: { [clientIdAnnotation]: 'ABCDEF00-2222-3333-4444-555555555555' } })
    await world.createWorkload()
    await world.patchAccount({ annotations: { [clientIdAnnotation]: 'abcdef00-2222-3333-4444-555555555555' } })
    expect(problemsIn(world.check())).toEqual([])
  })

  it('is not told where the webhook is what is wrong', async () => {
    await world.createWorkload()
    undoInjection(world.sandbox)
    const expected = [
      'pod-service-account: ok',
      'pod-label: ok',
      'pod-age: skipped',
      'pod-environment: skipped',
      'pod-token-volume: skipped',
      'pod-containers: ok'
    ]
    removeWorkloadIdentityWebhook(world.sandbox.state)
    expect(outcomes()).toEqual(expected)
    expect(world.check()[2]?.message).toBe('because the webhook is not there')
    const aks = { value: { name: 'shop', resourceGroup: 'shop', issuer: 'https://issuer', workloadIdentity: false } }
    expect(world.check(of => withCluster(of, { aks }))[2]?.message).toContain('workload identity is off')
  })

  it("is not told where the webhook does not answer, leaves out the namespace, or refuses the account's pods", async () => {
    await world.createWorkload()
    await world.webhookReplicas(0)
    await world.patchDeployment({ spec: { template: { metadata: { annotations: { again: 'yes' } } } } })
    expect(world.check()[2]).toMatchObject({ outcome: 'ok' })
    undoInjection(world.sandbox)
    expect(world.check()[2]).toMatchObject({
      outcome: 'skipped',
      message: 'because no endpoint of the webhook is ready'
    })
    await world.webhookReplicas(2)
    undoInjection(world.sandbox)
    expect(
      world.check(of =>
        withCluster(of, { namespaces: { value: new Map([['default', { 'control-plane': 'true' }]]) } })
      )[2]
    ).toMatchObject({ outcome: 'skipped', message: 'because the webhook leaves out the namespace default' })
    await world.patchAccount({ annotations: { [expiration]: '60' } })
    expect(world.check()[2]).toMatchObject({
      outcome: 'skipped',
      message: expect.stringContaining('token expiration') as string
    })
  })

  it('is told with what the API server answered, where new pods are refused', async () => {
    await world.createWorkload()
    await world.webhookReplicas(0)
    await world.patchDeployment({ spec: { template: { metadata: { annotations: { again: 'yes' } } } } })
    const endpoints = (of: ReturnType<typeof evidenceOf>) => {
      if ('value' in of.cluster.webhook) Object.assign(of.cluster.webhook.value!, { readyEndpoints: undefined })
      return of
    }
    expect(problemsIn(world.check(endpoints))).toMatchObject([
      {
        check: 'pod-age',
        message: 'the webhook refuses its new pods; an old one is left',
        found: expect.stringContaining('no endpoints available') as string,
        fix: [restart]
      }
    ])
  })
})

describe('the lines that make all pods anew', () => {
  it('are of each workload with pods', async () => {
    await world.createWorkload()
    await world.createWorkload('StatefulSet', validTemplate(), { updateStrategy: { type: 'OnDelete' } })
    await world.createCronJob()
    await world.createPod({ name: 'alone' })
    await world.createJob()
    const job = podNames(world.sandbox).at(-1)!
    expect(recreateAllPodsLines(evidenceOf(world.sandbox)).sort()).toEqual(
      ['kubectl delete pod app-0 --namespace default', `kubectl delete pod ${job} --namespace default`, restart].sort()
    )
  })
})
