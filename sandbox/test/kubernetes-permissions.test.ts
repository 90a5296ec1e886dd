import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { askCluster } from './client.js'
import { apps, core, patch, post, workload } from './workload.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
  await post(sandbox, `${apps}/deployments`, workload('Deployment'))
})
afterAll(() => sandbox.close())
afterEach(() => {
  sandbox.state.cluster.denied.clear()
})

const cannot = (action: string) => `User "azwi-sandbox-admin" cannot ${action}`
const review = async (resourceAttributes: object) =>
  (
    await post(sandbox, '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes }
    })
  ).json.status

describe('a denied permission', () => {
  it.each([
    [
      'list pods',
      '/api/v1/pods',
      `pods is forbidden: ${cannot('list resource "pods" in API group "" at the cluster scope')}`
    ],
    [
      'list pods',
      `${core}/pods`,
      `pods is forbidden: ${cannot('list resource "pods" in API group "" in the namespace "default"')}`
    ],
    [
      'get deployments.apps',
      `${apps}/deployments/app`,
      `deployments.apps "app" is forbidden: ${cannot('get resource "deployments" in API group "apps" in the namespace "default"')}`
    ],
    [
      'get deployments.apps/scale',
      `${apps}/deployments/app/scale`,
      `deployments.apps "app" is forbidden: ${cannot('get resource "deployments/scale" in API group "apps" in the namespace "default"')}`
    ],
    [
      'get mutatingwebhookconfigurations.admissionregistration.k8s.io',
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/x',
      `mutatingwebhookconfigurations.admissionregistration.k8s.io "x" is forbidden: ${cannot('get resource "mutatingwebhookconfigurations" in API group "admissionregistration.k8s.io" at the cluster scope')}`
    ]
  ])('to %s forbids %s', async (permission, path, message) => {
    sandbox.state.cluster.denied.add(permission)
    expect(await askCluster(sandbox, path)).toMatchObject({
      status: 403,
      json: { kind: 'Status', reason: 'Forbidden', message }
    })
  })

  it('does not affect others', async () => {
    for (const permission of ['list pods', 'patch deployments.apps', 'create serviceaccounts/token'])
      sandbox.state.cluster.denied.add(permission)
    expect(await askCluster(sandbox, `${apps}/deployments/app`)).toMatchObject({ status: 200 })
    expect(await patch(sandbox, `${apps}/deployments/app`, { metadata: { labels: { a: 'b' } } })).toMatchObject({
      status: 403
    })
    expect(await post(sandbox, `${core}/serviceaccounts/default/token`, { spec: {} })).toMatchObject({
      status: 403,
      json: {
        message: `serviceaccounts "default" is forbidden: ${cannot('create resource "serviceaccounts/token" in API group "" in the namespace "default"')}`
      }
    })
    expect(await post(sandbox, `${core}/serviceaccounts`, { metadata: { name: 'x' } })).toMatchObject({ status: 201 })
  })

  it('is reported by an access review', async () => {
    sandbox.state.cluster.denied.add('patch deployments.apps').add('create serviceaccounts/token')
    expect(await review({ verb: 'patch', group: 'apps', resource: 'deployments', namespace: 'default' })).toEqual({
      allowed: false
    })
    expect(await review({ verb: 'create', resource: 'serviceaccounts', subresource: 'token' })).toEqual({
      allowed: false
    })
    expect(await review({ verb: 'create', resource: 'serviceaccounts' })).toMatchObject({ allowed: true })
    expect(await review({ verb: 'get', group: 'apps', resource: 'deployments' })).toMatchObject({ allowed: true })
  })
})
