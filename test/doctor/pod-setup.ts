import { afterAll, beforeAll, beforeEach } from 'vitest'
import { podChecks } from '../../src/doctor/checks/pod.js'
import type { Evidence } from '../../src/doctor/evidence/model.js'
import type { Finding } from '../../src/doctor/finding.js'
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.js'
import { snapshotState } from '../helpers/state-reset.js'
import { apps, core, patch, podsOf, post, template, workload } from '../../sandbox/test/workload.js'
import { evidenceOf } from './sandbox-evidence.js'

export const label = { 'azure.workload.identity/use': 'true' }
export const clientId = '11111111-2222-3333-4444-555555555555'
export const clientIdAnnotation = 'azure.workload.identity/client-id'

/** Returns a pod template that passes all checks, with the given changes. */
export const validTemplate = (metadata: object = {}, spec: object = {}) => {
  const { metadata: own, spec: ownSpec } = template(label, { serviceAccountName: 'app', ...spec }) as {
    metadata: object
    spec: object
  }
  return { metadata: { ...own, ...metadata }, spec: ownSpec }
}

export interface PodSetup {
  readonly sandbox: Sandbox
  /** Creates a workload called `app`. The default template is the valid one. */
  readonly createWorkload: (
    kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet',
    pods?: object,
    more?: object
  ) => Promise<void>
  readonly createPod: (metadata?: object, spec?: object) => Promise<void>
  readonly createJob: (pods?: object) => Promise<void>
  readonly createCronJob: (pods?: object) => Promise<void>
  readonly patchAccount: (metadata: object) => Promise<void>
  readonly patchDeployment: (body: object) => Promise<void>
  readonly webhookReplicas: (replicas: number) => Promise<void>
  /** Returns the findings about the service account. `change` changes the evidence first. */
  readonly check: (change?: (of: Evidence) => Evidence) => Finding[]
}

/** Starts one sandbox for the file, with the annotated service account `default/app`. Resets it before each test. */
export function usePodSetup(): PodSetup {
  const current: { sandbox?: Sandbox; reset?: () => void } = {}
  const sandbox = (): Sandbox => current.sandbox!
  const done = async (answer: Promise<{ status: number; text: string }>): Promise<void> => {
    const { status, text } = await answer
    if (status >= 300) throw new Error(text)
  }
  beforeAll(async () => {
    current.sandbox = await startSandbox()
    await done(
      post(sandbox(), `${core}/serviceaccounts`, {
        metadata: { name: 'app', annotations: { [clientIdAnnotation]: clientId } }
      })
    )
    current.reset = snapshotState(sandbox().state)
  })
  afterAll(() => current.sandbox?.close())
  beforeEach(() => {
    current.reset!()
  })
  const job = (pods: { metadata?: object; spec?: object }) => ({
    template: { ...pods, spec: { ...pods.spec, restartPolicy: 'Never' } }
  })
  return {
    get sandbox() {
      return sandbox()
    },
    createWorkload: (kind = 'Deployment', pods = validTemplate(), more = {}) =>
      done(post(sandbox(), `${apps}/${kind.toLowerCase()}s`, workload(kind, { template: pods, ...more }))),
    createPod: (metadata = {}, spec = {}) =>
      done(
        post(sandbox(), `${core}/pods`, {
          metadata: { name: 'app', labels: label, ...metadata },
          spec: { serviceAccountName: 'app', containers: [{ name: 'main', image: 'x' }], ...spec }
        })
      ),
    createJob: (pods = validTemplate()) =>
      done(post(sandbox(), '/apis/batch/v1/namespaces/default/jobs', { metadata: { name: 'app' }, spec: job(pods) })),
    createCronJob: (pods = validTemplate()) =>
      done(
        post(sandbox(), '/apis/batch/v1/namespaces/default/cronjobs', {
          metadata: { name: 'app' },
          spec: { schedule: '0 3 * * *', jobTemplate: { spec: job(pods) } }
        })
      ),
    patchAccount: metadata => done(patch(sandbox(), `${core}/serviceaccounts/app`, { metadata }, 'merge-patch')),
    patchDeployment: body => done(patch(sandbox(), `${apps}/deployments/app`, body, 'merge-patch')),
    webhookReplicas: replicas =>
      done(
        patch(sandbox(), '/apis/apps/v1/namespaces/kube-system/deployments/azure-wi-webhook-controller-manager', {
          spec: { replicas }
        })
      ),
    check: (change = of => of) => podChecks(change(evidenceOf(sandbox())))
  }
}

/** Removes what the webhook has injected from the pods, as if they were created without it. */
export function undoInjection(sandbox: Sandbox, count = Infinity): void {
  for (const pod of podsOf(sandbox).slice(0, count)) {
    const spec = pod.spec as { containers: object[]; volumes: { name: string }[] }
    spec.volumes = spec.volumes.filter(({ name }) => name !== 'azure-identity-token')
    spec.containers = spec.containers.map(container => ({ ...container, env: [], volumeMounts: [] }))
  }
}

/** Returns the failures and warnings. */
export const problemsIn = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ outcome }) => outcome === 'fail' || outcome === 'warn')
