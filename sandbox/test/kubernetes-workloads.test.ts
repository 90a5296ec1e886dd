import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { snapshotState } from '../../test/helpers/state-reset.js'
import { askCluster } from './client.js'
import { apps, core, patch, podNames, podsOf, post, template, workload } from './workload.js'

let sandbox: Sandbox
let reset: () => void
beforeAll(async () => {
  sandbox = await startSandbox()
  reset = snapshotState(sandbox.state)
})
afterAll(() => sandbox.close())
beforeEach(() => {
  reset()
})

const remove = (path: string, body: object = {}) => askCluster(sandbox, path, { method: 'DELETE', body })

describe('a deployment', () => {
  beforeEach(async () => {
    expect(await post(sandbox, `${apps}/deployments`, workload('Deployment', { replicas: 2 }))).toMatchObject({
      status: 201
    })
  })

  it('has a replica set and ready pods', async () => {
    const [set] = [...sandbox.state.cluster.replicaSets.values()].filter(
      ({ metadata }) => metadata.namespace === 'default'
    )
    expect(set).toMatchObject({
      metadata: {
        name: expect.stringMatching(/^app-[a-z0-9]{10}$/) as string,
        ownerReferences: [{ kind: 'Deployment', name: 'app', controller: true }]
      },
      status: { replicas: 2, readyReplicas: 2 }
    })
    expect(podsOf(sandbox)).toHaveLength(2)
    expect(podsOf(sandbox)[0]).toMatchObject({
      metadata: {
        name: expect.stringMatching(new RegExp(`^${set!.metadata.name}-[a-z0-9]{5}$`)) as string,
        labels: { app: 'app', 'pod-template-hash': set!.metadata.name.slice(4) },
        ownerReferences: [{ kind: 'ReplicaSet', name: set!.metadata.name }]
      },
      spec: { serviceAccountName: 'default', nodeName: expect.any(String) as string },
      status: {
        phase: 'Running',
        startTime: expect.any(String) as string,
        containerStatuses: [{ name: 'main', ready: true }]
      }
    })
    expect((await askCluster(sandbox, `${apps}/deployments/app`)).json).toMatchObject({
      metadata: { generation: 1 },
      status: {
        observedGeneration: 1,
        replicas: 2,
        updatedReplicas: 2,
        availableReplicas: 2,
        conditions: [{ type: 'Available' }, {}]
      }
    })
  })

  it.each([
    ['a restart', { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } }],
    ['a label', { metadata: { labels: { 'azure.workload.identity/use': 'true' } } }],
    ['another account', { spec: { serviceAccountName: 'default' } }]
  ])('replaces its pods for %s', async (_reason, change) => {
    const before = podNames(sandbox)
    expect(await patch(sandbox, `${apps}/deployments/app`, { spec: { template: change } })).toMatchObject({
      status: 200,
      json: { metadata: { generation: 2 } }
    })
    expect(podNames(sandbox)).toHaveLength(2)
    expect(podNames(sandbox).filter(name => before.includes(name))).toEqual([])
  })

  it('returns to its previous replica set with its previous template', async () => {
    const [set] = podNames(sandbox).map(name => name.slice(0, -6))
    await patch(sandbox, `${apps}/deployments/app`, { spec: { template: { metadata: { labels: { x: 'y' } } } } })
    await patch(sandbox, `${apps}/deployments/app`, { spec: { template: { metadata: { labels: { x: null } } } } })
    expect(podNames(sandbox).map(name => name.slice(0, -6))).toEqual([set, set])
  })

  it('keeps its pods if only its own metadata changes', async () => {
    const before = podNames(sandbox)
    await patch(sandbox, `${apps}/deployments/app`, { metadata: { labels: { 'azure.workload.identity/use': 'true' } } })
    expect(podNames(sandbox)).toEqual(before)
  })

  it('is scaled by its spec and by the subresource', async () => {
    await patch(sandbox, `${apps}/deployments/app`, { spec: { replicas: 3 } })
    expect(podNames(sandbox)).toHaveLength(3)
    expect(
      await patch(sandbox, `${apps}/deployments/app/scale`, { spec: { replicas: 0 } }, 'merge-patch')
    ).toMatchObject({ json: { kind: 'Scale', spec: { replicas: 0 } } })
    expect(podNames(sandbox)).toEqual([])
    const { json } = await askCluster(sandbox, `${apps}/deployments/app/scale`)
    await askCluster(sandbox, `${apps}/deployments/app/scale`, {
      method: 'PUT',
      body: { ...json, spec: { replicas: 1 } }
    })
    expect(podNames(sandbox)).toHaveLength(1)
  })

  it('replaces a deleted pod', async () => {
    const [gone] = podNames(sandbox)
    await remove(`${core}/pods/${gone!}`)
    expect(podNames(sandbox)).toHaveLength(2)
    expect(podNames(sandbox)).not.toContain(gone)
  })

  it('is deleted with its replica sets and pods, unless the request orphans them', async () => {
    await remove(`${apps}/deployments/app`, { propagationPolicy: 'Background' })
    expect(podNames(sandbox)).toEqual([])
    await post(sandbox, `${apps}/deployments`, workload('Deployment'))
    await remove(`${apps}/deployments/app`, { propagationPolicy: 'Orphan' })
    expect(podNames(sandbox)).toHaveLength(1)
  })

  it('accepts server-side apply', async () => {
    const answer = await askCluster(sandbox, `${apps}/deployments/app?fieldManager=me`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'app' },
        spec: { template: { metadata: { labels: { x: 'y' } } } }
      }
    })
    expect(answer).toMatchObject({
      status: 200,
      json: { spec: { template: { metadata: { labels: { app: 'app', x: 'y' } } } } }
    })
    expect(podsOf(sandbox)[0]?.metadata.labels).toMatchObject({ x: 'y' })
  })

  it('has no pods while their service account is missing, and says so in its status', async () => {
    await patch(sandbox, `${apps}/deployments/app`, {
      spec: { template: { spec: { serviceAccountName: 'missing' } }, strategy: { type: 'Recreate' } }
    })
    expect(podNames(sandbox)).toEqual([])
    const { status } = (await askCluster(sandbox, `${apps}/deployments/app`)).json as {
      status: { conditions: object[] }
    }
    expect(status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'ReplicaFailure',
        reason: 'FailedCreate',
        message: expect.stringMatching(
          /^pods "app-.*-" is forbidden: error looking up service account default\/missing/
        ) as string
      })
    )
    await post(sandbox, `${core}/serviceaccounts`, { metadata: { name: 'missing' } })
    expect(podNames(sandbox)).toHaveLength(2)
  })
})

describe('another workload', () => {
  it('numbers and replaces its pods as a stateful set', async () => {
    await post(sandbox, `${apps}/statefulsets`, workload('StatefulSet', { replicas: 2, serviceName: 'app' }))
    expect(podNames(sandbox)).toEqual(['app-0', 'app-1'])
    const uids = podsOf(sandbox).map(({ metadata }) => metadata.uid)
    await patch(sandbox, `${apps}/statefulsets/app`, { spec: { template: template({ x: 'y' }) } })
    expect(podNames(sandbox).sort()).toEqual(['app-0', 'app-1'])
    expect(podsOf(sandbox).filter(({ metadata }) => uids.includes(metadata.uid))).toEqual([])
    await patch(sandbox, `${apps}/statefulsets/app/scale`, { spec: { replicas: 1 } }, 'merge-patch')
    expect(podNames(sandbox)).toEqual(['app-0'])
  })

  it('has one pod as a daemon set', async () => {
    await post(sandbox, `${apps}/daemonsets`, workload('DaemonSet'))
    const [before] = podNames(sandbox)
    await patch(sandbox, `${apps}/daemonsets/app`, { spec: { template: template({ x: 'y' }) } })
    expect(podNames(sandbox)).toHaveLength(1)
    expect(podNames(sandbox)).not.toEqual([before])
  })

  it.each([
    ['StatefulSet', 'statefulsets'],
    ['DaemonSet', 'daemonsets']
  ])('replaces deleted pods only, as a %s with the update strategy OnDelete', async (kind, collection) => {
    await post(sandbox, `${apps}/${collection}`, workload(kind, { updateStrategy: { type: 'OnDelete' } }))
    await patch(sandbox, `${apps}/${collection}/app`, { spec: { template: template({ x: 'y' }) } })
    expect(podsOf(sandbox)).toMatchObject([{ metadata: { labels: { app: 'app' } } }])
    expect(podsOf(sandbox)[0]?.metadata.labels).not.toHaveProperty('x')
    await remove(`${core}/pods/${podNames(sandbox)[0]!}`)
    expect(podsOf(sandbox)).toMatchObject([{ metadata: { labels: { x: 'y' } } }])
  })

  it('has a pod and a template that cannot change as a job', async () => {
    const job = { metadata: { name: 'job' }, spec: { template: template({}, { restartPolicy: 'Never' }) } }
    expect(await post(sandbox, '/apis/batch/v1/namespaces/default/jobs', job)).toMatchObject({
      status: 201,
      json: { apiVersion: 'batch/v1' }
    })
    expect(podsOf(sandbox)[0]).toMatchObject({
      metadata: { labels: { 'job-name': 'job' }, ownerReferences: [{ kind: 'Job' }] }
    })
    expect(
      await patch(sandbox, '/apis/batch/v1/namespaces/default/jobs/job', { spec: { template: template({ x: 'y' }) } })
    ).toMatchObject({ status: 422, json: { message: expect.stringContaining('field is immutable') as string } })
    await remove('/apis/batch/v1/namespaces/default/jobs/job')
    expect(podNames(sandbox)).toEqual([])
  })

  it('is stored with the template of its jobs as a cron job', async () => {
    const spec = {
      schedule: '0 * * * *',
      jobTemplate: { spec: { template: template({}, { restartPolicy: 'OnFailure' }) } }
    }
    expect(
      await post(sandbox, '/apis/batch/v1/namespaces/default/cronjobs', { metadata: { name: 'cron' }, spec })
    ).toMatchObject({ status: 201, json: { spec } })
  })

  it('is deleted with its namespace', async () => {
    await post(sandbox, '/api/v1/namespaces', { metadata: { name: 'team' } })
    await post(sandbox, '/apis/apps/v1/namespaces/team/deployments', workload('Deployment'))
    await remove('/api/v1/namespaces/team')
    expect(
      [...sandbox.state.cluster.pods.keys(), ...sandbox.state.cluster.deployments.keys()].filter(key =>
        key.startsWith('team/')
      )
    ).toEqual([])
  })
})

describe('a service', () => {
  it('has endpoints for the pods that it selects', async () => {
    await post(sandbox, `${core}/services`, {
      metadata: { name: 'web' },
      spec: { selector: { app: 'app' }, ports: [{ port: 80 }] }
    })
    expect((await askCluster(sandbox, `${core}/endpoints/web`)).json).not.toHaveProperty('subsets')
    await post(sandbox, `${apps}/deployments`, workload('Deployment', { replicas: 1 }))
    const [pod] = podsOf(sandbox)
    const { podIP: ip } = pod!.status as { podIP: string }
    expect((await askCluster(sandbox, `${core}/endpoints/web`)).json).toMatchObject({
      subsets: [{ addresses: [{ ip, targetRef: { kind: 'Pod', name: pod!.metadata.name } }] }]
    })
    const slices =
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3Dweb'
    expect((await askCluster(sandbox, slices)).json).toMatchObject({
      items: [{ endpoints: [{ addresses: [ip], conditions: { ready: true } }] }]
    })

    await patch(sandbox, `${core}/pods/${pod!.metadata.name}/status`, {
      status: { conditions: [{ type: 'Ready', status: 'False' }] }
    })
    expect((await askCluster(sandbox, `${core}/endpoints/web`)).json).toMatchObject({
      subsets: [{ notReadyAddresses: [{ ip }] }]
    })
    await remove(`${core}/services/web`)
    expect(await askCluster(sandbox, `${core}/endpoints/web`)).toMatchObject({ status: 404 })
  })
})
