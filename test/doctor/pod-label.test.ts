import { describe, expect, it } from 'vitest'
import type { V1Deployment } from '@kubernetes/client-node'
import type { Evidence } from '../../src/doctor/evidence/model.js'
import { core, patch, podNames, podsOf, post } from '../../sandbox/test/workload.js'
import { withAccount, withCluster } from './sandbox-evidence.js'
import { clientIdAnnotation, problemsIn, validTemplate, label, usePodSetup } from './pod-setup.js'

const setup = usePodSetup()
const key = 'azure.workload.identity/use'
const templatePatch = `{"spec":{"template":{"metadata":{"labels":{"${key}":"true"}}}}}`
const unlabelled = (labels: object = {}, annotations: object = {}) =>
  validTemplate({ labels: { app: 'app', ...labels }, annotations })

describe('a healthy workload', () => {
  it.each(['Deployment', 'StatefulSet', 'DaemonSet'] as const)('passes as a %s', async kind => {
    await setup.createWorkload(kind)
    expect(setup.check().map(({ check, outcome, of }) => `${check} ${outcome} ${of}`)).toEqual(
      ['pod-service-account', 'pod-label', 'pod-age', 'pod-environment', 'pod-token-volume', 'pod-containers'].map(
        check => `${check} ok ${kind.toLowerCase()}/app`
      )
    )
  })

  it('passes as a pod, a job or a cron job', async () => {
    await setup.createPod()
    expect(setup.check().map(({ outcome }) => outcome)).toEqual(Array(6).fill('ok'))
    await setup.createJob()
    expect(problemsIn(setup.check())).toEqual([])
    expect(new Set(setup.check().map(({ of }) => of))).toEqual(new Set(['pod/app', 'job/app']))
    await setup.createCronJob()
    expect(
      setup
        .check()
        .filter(({ of }) => of === 'cronjob/app')
        .map(({ outcome }) => outcome)
    ).toEqual(['ok', 'ok', 'skipped', 'skipped', 'skipped', 'ok'])
  })

  it('passes with init containers, an injected sidecar and several pods', async () => {
    await setup.createWorkload('Deployment', validTemplate({}, { initContainers: [{ name: 'first', image: 'x' }] }), {
      replicas: 3
    })
    for (const pod of setup.sandbox.state.cluster.pods.values()) {
      if (pod.metadata.namespace === 'default')
        (pod.spec as { containers: object[] }).containers.push({ name: 'istio-proxy', image: 'istio' })
    }
    expect(problemsIn(setup.check())).toEqual([])
    expect(setup.check().map(({ message }) => message)).toContain('the four variables are in first, main')
  })
})

describe('the check pod-label', () => {
  it.each<[string, object, object, string | undefined, string]>([
    ['is missing', unlabelled(), {}, `no label ${key}`, 'lacks the label'],
    ['is in capitals', unlabelled({ [key]: 'True' }), {}, `${key}: "True"`, 'looks only for "true"'],
    ['has another value', unlabelled({ [key]: 'yes' }), {}, `${key}: "yes"`, 'looks only for "true"'],
    [
      'is on the deployment',
      unlabelled(),
      { labels: label },
      `no label ${key}`,
      'is on deployment/app itself, not on its pod template'
    ],
    ['is an annotation', unlabelled({}, label), {}, `no label ${key}`, 'is on its pod template as an annotation']
  ])('fails if the label %s', async (_what, pods, metadata, found, message) => {
    await setup.createWorkload('Deployment', pods)
    await setup.patchDeployment({ metadata })
    const [finding, ...more] = problemsIn(setup.check())
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
    await setup.patchDeployment(JSON.parse(templatePatch) as object)
    expect(problemsIn(setup.check())).toEqual([])
  })

  it('fails if the label is on the service account', async () => {
    await setup.patchAccount({ labels: label })
    await setup.createWorkload('Deployment', unlabelled())
    expect(problemsIn(setup.check())[0]?.message).toBe(
      `the label ${key} is on the service account app, not on its pod template: the webhook does not see it there`
    )
  })

  it.each<['StatefulSet' | 'DaemonSet', object, readonly string[]]>([
    ['StatefulSet', {}, []],
    ['DaemonSet', {}, []],
    ['StatefulSet', { updateStrategy: { type: 'OnDelete' } }, ['kubectl delete pod app-0 --namespace default']]
  ])('fails without the label in a %s with %j', async (kind, more, deletions) => {
    await setup.createWorkload(kind, unlabelled(), more)
    const name = kind.toLowerCase()
    expect(problemsIn(setup.check())).toMatchObject([
      {
        check: 'pod-label',
        of: `${name}/app`,
        fix: [`kubectl patch ${name} app --namespace default --type merge --patch '${templatePatch}'`, ...deletions]
      }
    ])
  })

  it('fails without the label in the pod template of a cron job', async () => {
    await setup.createCronJob(unlabelled())
    expect(problemsIn(setup.check())).toMatchObject([
      {
        check: 'pod-label',
        of: 'cronjob/app',
        fix: [
          `kubectl patch cronjob app --namespace default --type merge --patch '{"spec":{"jobTemplate":${templatePatch}}}'`
        ]
      }
    ])
  })

  it('fails without a fix if no line can set the label', async () => {
    await setup.createJob(unlabelled())
    await setup.createPod({ name: 'alone', labels: {} })
    const found = problemsIn(setup.check())
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

  it('passes without the label if the template sets up the token, or something else labels the pods', async () => {
    await setup.createWorkload(
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
    expect(problemsIn(setup.check())).toEqual([])
    await setup.createWorkload('DaemonSet')
    const relabelled = setup.check(of => {
      const daemonSet =
        'value' in of.account.workloads
          ? of.account.workloads.value.find(({ kind }) => kind === 'daemonset')!
          : undefined
      ;(daemonSet!.object as V1Deployment).spec!.template.metadata!.labels = { app: 'app' }
      return of
    })
    expect(problemsIn(relabelled)).toEqual([])
  })

  it('asks for the label on the service account if the webhook has no object selector', async () => {
    await setup.createWorkload('Deployment', unlabelled())
    const old = (of: Evidence): Evidence => {
      if (!('value' in of.cluster.webhook)) throw new Error('no webhook')
      delete of.cluster.webhook.value!.configuration.webhooks![0]!.objectSelector
      return of
    }
    expect(setup.check(old).find(({ check }) => check === 'pod-label')).toMatchObject({
      outcome: 'warn',
      fix: [
        `kubectl patch serviceaccount app --namespace default --type merge --patch '{"metadata":{"labels":{"${key}":"true"}}}'`
      ]
    })
    await setup.patchAccount({ labels: label })
    expect(setup.check(old).find(({ check }) => check === 'pod-label')?.outcome).toBe('ok')
  })
})

describe('the check pod-service-account', () => {
  it('fails for another service account in the template', async () => {
    await setup.createWorkload('Deployment', validTemplate({}, { serviceAccountName: 'default' }))
    expect(problemsIn(setup.check())).toMatchObject([
      {
        check: 'pod-service-account',
        outcome: 'fail',
        found: 'default',
        expected: 'app',
        fix: ['kubectl set serviceaccount deployment app app --namespace default']
      }
    ])
  })

  it('fails for a cron job without a service account', async () => {
    await setup.createCronJob(validTemplate({}, { serviceAccountName: '' }))
    expect(problemsIn(setup.check())).toMatchObject([
      {
        check: 'pod-service-account',
        found: 'default',
        fix: [
          'kubectl patch cronjob app --namespace default --type merge --patch \'{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"serviceAccountName":"app"}}}}}}\''
        ]
      }
    ])
  })

  it('fails if pods still use another service account', async () => {
    await setup.createWorkload('Deployment', validTemplate(), { replicas: 2 })
    Object.assign(podsOf(setup.sandbox)[0]!.spec as object, { serviceAccountName: 'other' })
    expect(problemsIn(setup.check())).toMatchObject([
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
  ])('suggests %j if the service account has no client ID', async (annotatedAccounts, account) => {
    await setup.createWorkload('Deployment', validTemplate({}, { serviceAccountName: 'plain' }))
    await post(setup.sandbox, `${core}/serviceaccounts`, { metadata: { name: 'plain' } })
    const asked = (of: Evidence) =>
      withAccount(of, { name: 'plain', account: { metadata: { name: 'plain' } }, annotatedAccounts })
    expect(problemsIn(setup.check(asked))).toMatchObject([
      {
        check: 'pod-service-account',
        outcome: 'fail',
        found: 'plain',
        expected: annotatedAccounts.join(' or '),
        fix: [`kubectl set serviceaccount deployment app ${account} --namespace default`]
      }
    ])
  })

  it('passes if the template sets the client ID', async () => {
    await setup.createWorkload(
      'Deployment',
      validTemplate(
        {},
        { containers: [{ name: 'main', image: 'x', env: [{ name: 'AZURE_CLIENT_ID', value: 'mine' }] }] }
      )
    )
    const found = setup.check(of =>
      withAccount(of, { account: { metadata: { name: 'app' } }, annotatedAccounts: ['shop'] })
    )
    expect(problemsIn(found)).toEqual([])
  })

  it('is skipped if the service account does not exist', async () => {
    await setup.createWorkload()
    expect(setup.check(of => withAccount(of, { account: null }))).toMatchObject([
      { check: 'pod-label', outcome: 'skipped', message: 'because the service account is not there' }
    ])
  })
})

describe('podChecks', () => {
  const unread = { unread: 'pods may not be listed' }

  it('returns one skipped finding without pods', () => {
    expect(setup.check()).toEqual([
      { check: 'pod-label', outcome: 'skipped', message: 'no pod uses it yet', of: undefined }
    ])
    expect(setup.check(of => withAccount(of, { pods: unread }))).toMatchObject([
      { message: 'the pods could not be looked at: pods may not be listed' }
    ])
  })

  it('checks the template without permission to read pods', async () => {
    await setup.createWorkload()
    expect(setup.check(of => withAccount(of, { pods: unread })).map(({ outcome }) => outcome)).toEqual([
      'ok',
      'ok',
      'skipped',
      'skipped',
      'skipped',
      'ok',
      'skipped'
    ])
  })

  it('checks the pods without permission to read workloads', async () => {
    await setup.createWorkload()
    expect(
      setup.check(of => withAccount(of, { workloads: unread })).map(({ outcome, of }) => `${outcome} ${of}`)
    ).toEqual([...Array<string>(6).fill('ok deployment/app'), 'skipped undefined'])
    await patch(setup.sandbox, '/apis/apps/v1/namespaces/default/deployments/app', {
      spec: { template: { metadata: { labels: { [key]: 'no' } } } }
    })
    expect(problemsIn(setup.check(of => withAccount(of, { workloads: unread })))).toMatchObject([
      { check: 'pod-label', of: 'deployment/app', fix: [expect.stringContaining(templatePatch)] }
    ])
  })

  it('assumes the selector of v1.0 without permission to read the webhook', async () => {
    await setup.createWorkload('Deployment', unlabelled())
    expect(problemsIn(setup.check(of => withCluster(of, { webhook: unread })))).toMatchObject([{ check: 'pod-label' }])
  })

  it('leaves out ended or deleted pods, and finished jobs', async () => {
    await setup.createPod({ name: 'ended', labels: {} })
    await setup.createPod({ name: 'doomed', labels: {} })
    await setup.createJob(validTemplate({ labels: {} }))
    for (const pod of setup.sandbox.state.cluster.pods.values()) {
      if (pod.metadata.name === 'doomed') Object.assign(pod.metadata, { deletionTimestamp: '2026-01-01T00:00:00Z' })
      else if (pod.metadata.namespace === 'default') pod.status = { phase: 'Succeeded' }
    }
    setup.sandbox.state.cluster.jobs.get('default/app')!.status = { conditions: [{ type: 'Complete', status: 'True' }] }
    expect(setup.check()).toMatchObject([{ message: 'no pod uses it yet' }])
  })

  it('counts the pods of a job for its cron job', async () => {
    await setup.createCronJob()
    await setup.createJob(validTemplate({}, {}))
    const { jobs, cronJobs } = setup.sandbox.state.cluster
    const { uid } = cronJobs.get('default/app')!.metadata
    jobs.get('default/app')!.metadata.ownerReferences = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'app', uid }]
    await setup.patchAccount({ annotations: { [clientIdAnnotation]: '22222222-2222-3333-4444-555555555555' } })
    const pod = podNames(setup.sandbox)[0]
    expect(problemsIn(setup.check())).toMatchObject([
      { check: 'pod-age', of: 'cronjob/app', fix: [`kubectl delete pod ${pod} --namespace default`] }
    ])
  })
})
