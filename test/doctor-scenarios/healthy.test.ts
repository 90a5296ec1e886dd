import { describe, expect, it } from 'vitest'
import { account, createObject, type IdentityKind, namespace, template } from './healthy.js'
import { diagnose, formatFindings, problemsIn } from './test-scenarios.js'
import { useHealthySetups } from './setup.js'
import { symptomsIn } from './symptoms.js'
import type { ScenarioSetup } from './scenario.js'

const kinds: readonly IdentityKind[] = ['application', 'managed identity']

/** Every kind of workload beside the deployment, each as it should be. */
async function addWorkloads(stage: ScenarioSetup): Promise<void> {
  const selector = { matchLabels: { app: account } }
  const once = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
  await createObject(stage, 'statefulsets', { metadata: { name: 'worker' }, spec: { replicas: 2, selector, template } })
  await createObject(stage, 'daemonsets', { metadata: { name: 'scout' }, spec: { selector, template } })
  await createObject(stage, `/apis/batch/v1/namespaces/${namespace}/jobs`, {
    metadata: { name: 'migration' },
    spec: { template: once }
  })
  await createObject(stage, `/apis/batch/v1/namespaces/${namespace}/cronjobs`, {
    metadata: { name: 'nightly' },
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: once } } }
  })
  await createObject(stage, `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name: 'debug', labels: template.metadata.labels },
    spec: template.spec
  })
}

describe.each(kinds)('a healthy world with %s', kind => {
  const stageOf = useHealthySetups()

  it('has no failure and no warning, whatever the doctor is asked about', async () => {
    const stage = stageOf(kind)
    await addWorkloads(stage)
    expect(await symptomsIn(stage.sandbox, namespace)).toEqual([])
    const targets = [
      [account, '--namespace', namespace],
      ['--namespace', namespace],
      ['--all-namespaces'],
      ...[
        'deployment/checkout',
        'statefulset/worker',
        'daemonset/scout',
        'job/migration',
        'cronjob/nightly',
        'pod/debug',
        'pod/worker-0'
      ].map(object => {
        const [workload = '', name = ''] = object.split('/')
        return [`--${workload}`, name, '--namespace', namespace]
      })
    ]
    for (const target of targets) {
      const { status, findings } = await diagnose(stage, target, '--strict')
      expect({ status, notWell: problemsIn(findings) }, `${target.join(' ')}\n${formatFindings(findings)}`).toEqual({
        status: 0,
        notWell: []
      })
      expect(
        findings.find(({ check }) => check === 'proof'),
        target.join(' ')
      ).toMatchObject({ outcome: 'ok' })
    }
  })

  it('stays as it is: the doctor reads', async () => {
    const stage = stageOf(kind)
    const { revision } = stage.state.cluster
    stage.sandbox.requests.length = 0
    await diagnose(stage)
    const writes = stage.sandbox.requests
      .filter(({ service, method }) => service !== 'entra' && !['GET', 'HEAD'].includes(method))
      .map(({ method, path }) => `${method} ${path}`)
    expect(writes.filter(write => !/\/token$|\/\$batch$|\/getByIds$/.test(write))).toEqual([])
    expect(stage.state.cluster.revision).toBe(revision)
  })
})
