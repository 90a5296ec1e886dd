import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { askCluster } from './client.js'
import { apps, core, patch, post, template, workload } from './workload.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
  await post(sandbox, `${core}/serviceaccounts`, { metadata: { name: 'app' } })
  for (const [name, serviceAccountName] of [
    ['one', 'app'],
    ['two', 'default']
  ]) {
    const spec = {
      serviceAccountName,
      containers: [{ name: 'main', image: 'nginx', env: [{ name: 'A', value: 'b' }] }]
    }
    expect(await post(sandbox, `${core}/pods`, { metadata: { name }, spec })).toMatchObject({ status: 201 })
  }
})
afterAll(() => sandbox.close())

const listed = async (path: string): Promise<string[]> =>
  ((await askCluster(sandbox, path)).json.items as { metadata: { name: string } }[]).map(
    ({ metadata }) => metadata.name
  )

describe('a pod', () => {
  it('runs with a token for the API server only', async () => {
    expect((await askCluster(sandbox, `${core}/pods/one`)).json).toMatchObject({
      spec: {
        serviceAccountName: 'app',
        volumes: [{ projected: { sources: [{ serviceAccountToken: { path: 'token' } }, {}, {}] } }],
        containers: [
          {
            env: [{ name: 'A', value: 'b' }],
            volumeMounts: [{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }]
          }
        ]
      },
      status: { phase: 'Running' }
    })
  })

  it.each([
    ['spec.serviceAccountName=app', ['one']],
    ['spec.serviceAccountName!=app,metadata.namespace=default', ['two']],
    ['status.phase=Running,metadata.name=two', ['two']],
    ['status.phase=Pending', []],
    ['spec.nodeName=elsewhere', []]
  ])('is selected by %s', async (selector, expected) => {
    expect(await listed(`/api/v1/pods?fieldSelector=${encodeURIComponent(selector)}`)).toEqual(expected)
  })

  it('cannot be selected by a field that its kind does not have', async () => {
    expect(await askCluster(sandbox, '/api/v1/pods?fieldSelector=spec.x%3Dy')).toMatchObject({ status: 400 })
    expect(await askCluster(sandbox, `${apps}/deployments?fieldSelector=status.phase%3DRunning`)).toMatchObject({
      status: 400
    })
  })

  it('cannot change its spec, except for images', async () => {
    expect(
      await patch(sandbox, `${core}/pods/one`, {
        spec: { containers: [{ name: 'main', env: [{ name: 'A', value: 'c' }] }] }
      })
    ).toMatchObject({
      status: 422,
      json: { message: expect.stringContaining('pod updates may not change fields other than') as string }
    })
    expect(
      await patch(sandbox, `${core}/pods/one`, { spec: { containers: [{ name: 'main', image: 'nginx:2' }] } })
    ).toMatchObject({ status: 200 })
    expect(
      await patch(sandbox, `${core}/pods/one`, { metadata: { labels: { 'azure.workload.identity/use': 'true' } } })
    ).toMatchObject({ status: 200 })
  })

  it('with a missing service account is forbidden', async () => {
    expect(
      await post(sandbox, `${core}/pods`, {
        metadata: { name: 'x' },
        spec: { serviceAccountName: 'none', containers: [{ name: 'a', image: 'b' }] }
      })
    ).toMatchObject({
      status: 403,
      json: {
        message: 'pods "x" is forbidden: error looking up service account default/none: serviceaccount "none" not found'
      }
    })
  })

  it('can be bound to a token', async () => {
    const uid = sandbox.state.cluster.pods.get('default/one')!.metadata.uid
    const request = (boundObjectRef: object) =>
      post(sandbox, `${core}/serviceaccounts/app/token`, {
        spec: { boundObjectRef: { kind: 'Pod', ...boundObjectRef } }
      })
    expect(await request({ name: 'one', uid })).toMatchObject({
      status: 201,
      json: { spec: { boundObjectRef: { name: 'one' } } }
    })
    expect(await request({ name: 'one', uid: 'other' })).toMatchObject({ status: 409 })
    expect(await request({ name: 'none' })).toMatchObject({ status: 404, json: { message: 'pods "none" not found' } })
  })
})

describe('validation', () => {
  it.each([
    [{ containers: [] }, 'spec.containers: Required value'],
    [{ containers: [{ image: 'a' }] }, 'spec.containers[0].name: Required value'],
    [{ containers: [{ name: 'a' }] }, 'spec.containers[0].image: Required value'],
    [
      {
        containers: [
          { name: 'a', image: 'a' },
          { name: 'a', image: 'b' }
        ]
      },
      'spec.containers[1].name: Duplicate value: "a"'
    ],
    [
      { containers: [{ name: 'a', image: 'a', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] },
      'spec.containers[0].volumeMounts[0].name: Not found: "v"'
    ]
  ])('refuses a pod with %j', async (spec, message) => {
    expect(await post(sandbox, `${core}/pods`, { metadata: { name: 'x' }, spec })).toMatchObject({
      status: 422,
      json: { reason: 'Invalid', message: `Pod "x" is invalid: ${message}` }
    })
  })

  it.each([
    [{ selector: undefined }, 'spec.selector: Required value'],
    [
      { selector: { matchLabels: { other: 'x' } } },
      'spec.template.metadata.labels: Invalid value: {"app":"app"}: `selector` does not match template `labels`'
    ],
    [{ template: template({}, { containers: [] }) }, 'spec.template.spec.containers: Required value'],
    [
      { template: template({}, { restartPolicy: 'Never' }) },
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'
    ]
  ])('refuses a deployment with %j', async (spec, message) => {
    expect(await post(sandbox, `${apps}/deployments`, workload('Deployment', spec))).toMatchObject({
      status: 422,
      json: { message: `Deployment.apps "app" is invalid: ${message}`, details: { group: 'apps' } }
    })
  })

  it('refuses another selector for a deployment', async () => {
    await post(sandbox, `${apps}/deployments`, workload('Deployment'))
    const answer = await patch(sandbox, `${apps}/deployments/app`, {
      spec: { selector: { matchLabels: { x: 'y' } }, template: { metadata: { labels: { x: 'y' } } } }
    })
    expect(answer).toMatchObject({
      status: 422,
      json: { message: expect.stringContaining('spec.selector: Invalid value') as string }
    })
  })
})

describe('discovery', () => {
  it('has a document for every group', async () => {
    const { groups } = (await askCluster(sandbox, '/apis')).json as {
      groups: { name: string; preferredVersion: { groupVersion: string } }[]
    }
    expect(groups.map(({ name }) => name).sort()).toEqual([
      'admissionregistration.k8s.io',
      'apps',
      'authorization.k8s.io',
      'batch',
      'discovery.k8s.io'
    ])
    for (const {
      preferredVersion: { groupVersion }
    } of groups) {
      expect((await askCluster(sandbox, `/apis/${groupVersion}`)).json).toMatchObject({
        kind: 'APIResourceList',
        groupVersion
      })
    }
    expect((await askCluster(sandbox, '/openapi/v3/apis/apps/v1')).json.paths).toHaveProperty([
      '/apis/apps/v1/namespaces/{namespace}/deployments/{name}'
    ])
  })

  it.each([
    ['/api/v1/pods', ['Name', 'Ready', 'Status', 'Restarts', 'Age']],
    [`${apps}/deployments`, ['Name', 'Ready', 'Up-to-date', 'Available', 'Age']],
    ['/apis/batch/v1/cronjobs', ['Name', 'Schedule', 'Suspend', 'Age']],
    ['/api/v1/services', ['Name', 'Type', 'Cluster-IP', 'Port(s)', 'Age']]
  ])('describes the table of %s', async (path, columns) => {
    const { json } = await askCluster(sandbox, path, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
    })
    expect((json.columnDefinitions as { name: string }[]).map(({ name }) => name)).toEqual(columns)
  })
})
