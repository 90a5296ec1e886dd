import { describe, expect, it } from 'vitest'
import type { V1Deployment } from '@kubernetes/client-node'
import type { Evidence } from '../../src/doctor/evidence/model.js'
import { core, patch, podNames, podsOf, post } from '../../sandbox/test/workload.js'
import { withAccount, withCluster } from './sandbox-evidence.js'
import { clientIdAnnotation, problemsIn, validTemplate, label, usePodSetup } from './pod-setup.js'

const world = usePodSetup()
const key = 'azure.workload.identity/use'
const templatePatch = `{"spec":{"template":{"metadata":{"labels":{"${key}":"true"}}}}}`
const unlabelled = (labels: object = {}, annotations: object = {}) =>
  validTemplate({ labels: { app: 'app', ...labels }, annotations })

describe('a workload in order', () => {
  it.each(['Deployment', 'StatefulSet', 'DaemonSet'] as const)('that is a %s', async kind => {
    await world.createWorkload(kind)
    expect(world.check().map(({ check, outcome, of }) => `${check} ${outcome} ${of}`)).toEqual(
      ['pod-service-account', 'pod-label', 'pod-age', 'pod-environment', 'pod-token-volume', 'pod-containers'].map(
        check => `${check} ok ${kind.toLowerCase()}/app`
      )
    )
  })

  it('that is a pod, a job or a cron job', async () => {
    await world.createPod()
    expect(world.check().map(({ outcome }) => outcome)).toEqual(Array(6).fill('ok'))
    await world.createJob()
    expect(problemsIn(world.check())).toEqual([])
    expect(new Set(world.check().map(({ of }) => of))).toEqual(new Set(['pod/app', 'job/app']))
    await world.createCronJob()
    expect(
      world
        .check()
        .filter(({ of }) => of === 'cronjob/app')
        .map(({ outcome }) => outcome)
    ).toEqual(['ok', 'ok', 'skipped', 'skipped', 'skipped', 'ok'])
  })

  it('with init containers, a side car that the webhook did not see, and more than one pod', async () => {
    await world.createWorkload('Deployment', validTemplate({}, { initContainers: [{ name: 'first', image: 'x' }] }), {
      replicas: 3
    })
    for (const pod of world.sandbox.state.cluster.pods.values()) {
      if (pod.metadata.namespace === 'default')
        (pod.spec as { containers: object[] }).containers.push({ name: 'istio-proxy', image: 'istio' })
    }
    expect(problemsIn(world.check())).toEqual([])
    expect(world.check().map(({ message }) => message)).toContain('the four variables are in first, main')
  })
})

describe('the label', () => {
  it.each<[string, object, object, string | undefined, string]>([
    ['is not there', unlabelled(), {}, `no label ${key}`, 'lacks the label'],
    ['is in capitals', unlabelled({ [key]: 'True' }), {}, `${key}: "True"`, 'looks only for "true"'],
    ['has another word', unlabelled({ [key]: 'yes' }), {}, `${key}: "yes"`, 'looks only for "true"'],
    [
      'is on the deployment',
      unlabelled(),
      { labels: label },
      `no label ${key}`,
      'is on deployment/app itself, not on its pod template'
    ],
    ['is an annotation', unlabelled({}, label), {}, `no label ${key}`, 'is on its pod template as an annotation']
  ])('%s', async (_what, pods, metadata, found, message) => {
    await world.createWorkload('Deployment', pods)
    await world.patchDeployment({ metadata })
    const [finding, ...more] = problemsIn(world.check())
    expect(more).toEqual([])
    expect(finding).toMatchObject({
      check: 'pod-label',
      outcome: 'fail',
      of: 'deployment/app',
      found,
      expected: `${key}: "true"`,
      message: expect.stringContaining(message) as string,
      fix: [`kubectl patch deployment app --namespace default --type merge --patch '${templatePatch}'`]
    })
    await world.patchDeployment(JSON.parse(templatePatch) as object)
    expect(problemsIn(world.check())).toEqual([])
  })

  it('is on the service account', async () => {
    await world.patchAccount({ labels: label })
    await world.createWorkload('Deployment', unlabelled())
    expect(problemsIn(world.check())[0]?.message).toBe(
      `the label ${key} is on the service account app, not on its pod template: the webhook does not see it there`
    )
  })

  it.each<['StatefulSet' | 'DaemonSet', object, readonly string[]]>([
    ['StatefulSet', {}, []],
    ['DaemonSet', {}, []],
    ['StatefulSet', { updateStrategy: { type: 'OnDelete' } }, ['kubectl delete pod app-0 --namespace default']]
  ])('lacks in a %s with %j', async (kind, more, deletions) => {
    await world.createWorkload(kind, unlabelled(), more)
    const name = kind.toLowerCase()
    expect(problemsIn(world.check())).toMatchObject([
      {
        check: 'pod-label',
        of: `${name}/app`,
        fix: [`kubectl patch ${name} app --namespace default --type merge --patch '${templatePatch}'`, ...deletions]
      }
    ])
  })

  it('lacks in a cron job, whose own labels count for nothing', async () => {
    await world.createCronJob(unlabelled())
    expect(problemsIn(world.check())).toMatchObject([
      {
        check: 'pod-label',
        of: 'cronjob/app',
        fix: [
          `kubectl patch cronjob app --namespace default --type merge --patch '{"spec":{"jobTemplate":${templatePatch}}}'`
        ]
      }
    ])
  })

  it('lacks where no line can give it', async () => {
    await world.createJob(unlabelled())
    await world.createPod({ name: 'alone', labels: {} })
    const found = problemsIn(world.check())
    expect(found.map(({ check, of, details }) => [check, of, details])).toEqual([
      [
        'pod-label',
        'job/app',
        [`a job's template cannot be changed: delete job/app and create it again, with the label ${key}: "true"`]
      ],
      ['pod-label', 'pod/alone', [expect.stringContaining('stands alone')]]
    ])
    expect(found.some(({ fix }) => fix !== undefined)).toBe(false)
  })

  it('is not needed where the template brings a token, or something else labels the pods', async () => {
    await world.createWorkload(
      'Deployment',
      validTemplate(
        { labels: { app: 'app' } },
        {
          volumes: [
            {
              name: 'own',
              projected: {
                sources: [{ serviceAccountToken: { path: 'token', audience: 'api://AzureADTokenExchange' } }]
              }
            }
          ],
          containers: [
            {
              name: 'main',
              image: 'x',
              volumeMounts: [{ name: 'own', mountPath: '/azure/' }],
              env: [
                { name: 'AZURE_FEDERATED_TOKEN_FILE', value: '/azure/token' },
                { name: 'AZURE_CLIENT_ID', value: '11111111-2222-3333-4444-555555555555' }
              ]
            }
          ]
        }
      )
    )
    expect(problemsIn(world.check())).toEqual([])
    await world.createWorkload('DaemonSet')
    const relabelled = world.check(of => {
      const daemonSet =
        'value' in of.account.workloads
          ? of.account.workloads.value.find(({ kind }) => kind === 'daemonset')!
          : undefined
      ;(daemonSet!.object as V1Deployment).spec!.template.metadata!.labels = { app: 'app' }
      return of
    })
    expect(problemsIn(relabelled)).toEqual([])
  })

  it('is asked of the service account by a webhook that looks at every pod', async () => {
    await world.createWorkload('Deployment', unlabelled())
    const old = (of: Evidence): Evidence => {
      if (!('value' in of.cluster.webhook)) throw new Error('no webhook')
      delete of.cluster.webhook.value!.configuration.webhooks![0]!.objectSelector
      return of
    }
    expect(world.check(old).find(({ check }) => check === 'pod-label')).toMatchObject({
      outcome: 'warn',
      fix: [
        `kubectl patch serviceaccount app --namespace default --type merge --patch '{"metadata":{"labels":{"${key}":"true"}}}'`
      ]
    })
    await world.patchAccount({ labels: label })
    expect(world.check(old).find(({ check }) => check === 'pod-label')?.outcome).toBe('ok')
  })
})

describe('the service account', () => {
  it('is another one in the template', async () => {
    await world.createWorkload('Deployment', validTemplate({}, { serviceAccountName: 'default' }))
    expect(problemsIn(world.check())).toMatchObject([
      {
        check: 'pod-service-account',
        outcome: 'fail',
        found: 'default',
        expected: 'app',
        fix: ['kubectl set serviceaccount deployment app app --namespace default']
      }
    ])
  })

  it('is none in a cron job', async () => {
    await world.createCronJob(validTemplate({}, { serviceAccountName: '' }))
    expect(problemsIn(world.check())).toMatchObject([
      {
        check: 'pod-service-account',
        found: 'default',
        fix: [
          'kubectl patch cronjob app --namespace default --type merge --patch \'{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"serviceAccountName":"app"}}}}}}\''
        ]
      }
    ])
  })

  it('is still another one in the pods', async () => {
    await world.createWorkload('Deployment', validTemplate(), { replicas: 2 })
    Object.assign(podsOf(world.sandbox)[0]!.spec as object, { serviceAccountName: 'other' })
    expect(problemsIn(world.check())).toMatchObject([
      {
        check: 'pod-service-account',
        found: 'other',
        message: '1 of 2 pods still run as the service account other, not app',
        fix: ['kubectl rollout restart deployment/app --namespace default']
      }
    ])
  })

  it.each([
    [['app'], 'app'],
    [['app', 'shop'], "'<service account>'"]
  ])('names no client id, and %j do', async (annotatedAccounts, account) => {
    await world.createWorkload('Deployment', validTemplate({}, { serviceAccountName: 'plain' }))
    await post(world.sandbox, `${core}/serviceaccounts`, { metadata: { name: 'plain' } })
    const asked = (of: Evidence) =>
      withAccount(of, { name: 'plain', account: { metadata: { name: 'plain' } }, annotatedAccounts })
    expect(problemsIn(world.check(asked))).toMatchObject([
      {
        check: 'pod-service-account',
        outcome: 'fail',
        found: 'plain',
        expected: annotatedAccounts.join(' or '),
        fix: [`kubectl set serviceaccount deployment app ${account} --namespace default`]
      }
    ])
  })

  it('names no client id, and the template does', async () => {
    await world.createWorkload(
      'Deployment',
      validTemplate(
        {},
        { containers: [{ name: 'main', image: 'x', env: [{ name: 'AZURE_CLIENT_ID', value: 'mine' }] }] }
      )
    )
    const found = world.check(of =>
      withAccount(of, { account: { metadata: { name: 'app' } }, annotatedAccounts: ['shop'] })
    )
    expect(problemsIn(found)).toEqual([])
  })

  it('is not there', async () => {
    await world.createWorkload()
    expect(world.check(of => withAccount(of, { account: null }))).toMatchObject([
      { check: 'pod-label', outcome: 'skipped', message: 'because the service account is not there' }
    ])
  })
})

describe('what is not there to be seen', () => {
  const unread = { unread: 'pods may not be listed' }

  it('no pod at all is one line', () => {
    expect(world.check()).toEqual([
      { check: 'pod-label', outcome: 'skipped', message: 'no pod uses it yet', of: undefined }
    ])
    expect(world.check(of => withAccount(of, { pods: unread }))).toMatchObject([
      { message: 'the pods could not be looked at: pods may not be listed' }
    ])
  })

  it('pods that may not be read leave the template', async () => {
    await world.createWorkload()
    expect(world.check(of => withAccount(of, { pods: unread })).map(({ outcome }) => outcome)).toEqual([
      'ok',
      'ok',
      'skipped',
      'skipped',
      'skipped',
      'ok',
      'skipped'
    ])
  })

  it('workloads that may not be read leave the pods', async () => {
    await world.createWorkload()
    expect(
      world.check(of => withAccount(of, { workloads: unread })).map(({ outcome, of }) => `${outcome} ${of}`)
    ).toEqual([...Array<string>(6).fill('ok deployment/app'), 'skipped undefined'])
    await patch(world.sandbox, '/apis/apps/v1/namespaces/default/deployments/app', {
      spec: { template: { metadata: { labels: { [key]: 'no' } } } }
    })
    expect(problemsIn(world.check(of => withAccount(of, { workloads: unread })))).toMatchObject([
      { check: 'pod-label', of: 'deployment/app', fix: [expect.stringContaining(templatePatch)] }
    ])
  })

  it('a webhook that may not be read is taken to be one of today', async () => {
    await world.createWorkload('Deployment', unlabelled())
    expect(problemsIn(world.check(of => withCluster(of, { webhook: unread })))).toMatchObject([{ check: 'pod-label' }])
  })

  it('pods that have ended or are being deleted, and finished jobs, are left out', async () => {
    await world.createPod({ name: 'ended', labels: {} })
    await world.createPod({ name: 'doomed', labels: {} })
    await world.createJob(validTemplate({ labels: {} }))
    for (const pod of world.sandbox.state.cluster.pods.values()) {
      if (pod.metadata.name === 'doomed') Object.assign(pod.metadata, { deletionTimestamp: '2026-01-01T00:00:00Z' })
      else if (pod.metadata.namespace === 'default') pod.status = { phase: 'Succeeded' }
    }
    world.sandbox.state.cluster.jobs.get('default/app')!.status = { conditions: [{ type: 'Complete', status: 'True' }] }
    expect(world.check()).toMatchObject([{ message: 'no pod uses it yet' }])
  })

  it("jobs of a cron job are the cron job's", async () => {
    await world.createCronJob()
    await world.createJob(validTemplate({}, {}))
    const { jobs, cronJobs } = world.sandbox.state.cluster
    const { uid } = cronJobs.get('default/app')!.metadata
    jobs.get('default/app')!.metadata.ownerReferences = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'app', uid }]
    await world.patchAccount({ annotations: { [clientIdAnnotation]: '22222222-2222-3333-4444-555555555555' } })
    const pod = podNames(world.sandbox)[0]
    expect(problemsIn(world.check())).toMatchObject([
      { check: 'pod-age', of: 'cronjob/app', fix: [`kubectl delete pod ${pod} --namespace default`] }
    ])
  })
})
