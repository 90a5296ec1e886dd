import { describe, expect, it } from 'vitest'
import { account, createObject, type IdentityKind, namespace, template } from './healthy.js'
import { diagnose, formatFindings, problemsIn } from './test-scenarios.js'
import { useHealthySetups } from './setup.js'
import { symptomsIn } from './symptoms.js'
import type { ScenarioSetup } from './scenario.js'

const kinds: readonly IdentityKind[] = ['application', 'managed identity']

/** Creates a healthy workload of every other kind. */
async function addWorkloads(setup: ScenarioSetup): Promise<void> {
  const selector = { matchLabels: { app: account } }
  const once = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
  await createObject(setup, 'statefulsets', { metadata: { name: 'worker' }, spec: { replicas: 2, selector, template } })
  await createObject(setup, 'daemonsets', { metadata: { name: 'scout' }, spec: { selector, template } })
  await createObject(setup, `/apis/batch/v1/namespaces/${namespace}/jobs`, {
    metadata: { name: 'migration' },
    spec: { template: once }
  })
  await createObject(setup, `/apis/batch/v1/namespaces/${namespace}/cronjobs`, {
    metadata: { name: 'nightly' },
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: once } } }
  })
  await createObject(setup, `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name: 'debug', labels: template.metadata.labels },
    spec: template.spec
  })
}

describe.each(kinds)('a healthy setup with %s', kind => {
  const setupOf = useHealthySetups()

  it('has no failure and no warning for any target', async () => {
    const setup = setupOf(kind)
    await addWorkloads(setup)
    expect(await symptomsIn(setup.sandbox, namespace)).toEqual([])
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
      const { status, findings } = await diagnose(setup, target, '--strict')
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

  it('is not changed by the doctor', async () => {
    const setup = setupOf(kind)
    const { revision } = setup.state.cluster
    setup.sandbox.requests.length = 0
    await diagnose(setup)
    const writes = setup.sandbox.requests
      .filter(({ service, method }) => service !== 'entra' && !['GET', 'HEAD'].includes(method))
      .map(({ method, path }) => `${method} ${path}`)
    expect(writes.filter(write => !/\/token$|\/\$batch$|\/getByIds$/.test(write))).toEqual([])
    expect(setup.state.cluster.revision).toBe(revision)
  })
})
