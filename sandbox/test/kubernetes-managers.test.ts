import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../src/kubernetes/cluster.js'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { type Answer, askCluster } from './client.js'

const clientId = 'azure.workload.identity/client-id'
let sandbox: Sandbox
let name: string
let count = 0
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())
beforeEach(() => {
  name = `managed-${++count}`
})

const collection = '/api/v1/namespaces/default/serviceaccounts'
const account = (content: object): object => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  ...content,
  metadata: { name, ...(content as { metadata?: object }).metadata }
})

/** A write without a field manager in the query. The API server then takes the name from the user agent. */
const create = (userAgent: string, content: object): Promise<Answer> =>
  askCluster(sandbox, collection, { method: 'POST', headers: { 'user-agent': userAgent }, body: account(content) })
const patch = (type: string, body: object, query: string, userAgent = 'test/1'): Promise<Answer> =>
  askCluster(sandbox, `${collection}/${name}${query}`, {
    method: 'PATCH',
    headers: { 'content-type': `application/${type}`, 'user-agent': userAgent },
    body
  })

/** Returns the entries without times, by manager. */
async function managers(): Promise<Record<string, unknown>> {
  const { metadata } = (await askCluster(sandbox, `${collection}/${name}`)).json as unknown as KubernetesObject
  return Object.fromEntries(
    metadata.managedFields.map(({ manager, operation, apiVersion, fieldsType, fieldsV1, time }) => {
      expect([apiVersion, fieldsType]).toEqual(['v1', 'FieldsV1'])
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      return [`${manager} ${operation}`, fieldsV1]
    })
  )
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

describe('the manager of a service account', () => {
  it('is kubectl-client-side-apply for kubectl apply, with its own annotation', async () => {
    const content = { metadata: { annotations: { [lastApplied]: '{}', [clientId]: 'x' } } }
    await askCluster(sandbox, `${collection}?fieldManager=kubectl-client-side-apply`, {
      method: 'POST',
      body: account(content)
    })
    expect(await managers()).toEqual({
      'kubectl-client-side-apply Update': {
        'f:metadata': { 'f:annotations': { '.': {}, [`f:${clientId}`]: {}, [`f:${lastApplied}`]: {} } }
      }
    })
  })

  it.each([
    ['annotate', 'annotations', clientId],
    ['label', 'labels', 'team']
  ])('is kubectl-%s for that command, beside Helm, which created the account', async (command, field, key) => {
    await create('Helm/3.14.0', { metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } })
    await patch('merge-patch+json', { metadata: { [field]: { [key]: 'x' } } }, `?fieldManager=kubectl-${command}`)
    const own = { [`f:${key}`]: {} }
    expect(await managers()).toEqual({
      'Helm Update': { 'f:metadata': { 'f:labels': { '.': {}, 'f:app.kubernetes.io/managed-by': {} } } },
      [`kubectl-${command} Update`]: {
        // Only who creates a map owns it as a whole.
        'f:metadata': { [`f:${field}`]: field === 'labels' ? own : { '.': {}, ...own } }
      }
    })
  })

  it.each(['argocd-controller', 'kustomize-controller', 'helm-controller'])(
    'is %s with Apply for a server-side apply, which owns no map as a whole',
    async manager => {
      const content = account({ metadata: { annotations: { [clientId]: 'x' } } })
      await patch('apply-patch+yaml', content, `?fieldManager=${manager}&force=true`)
      expect(await managers()).toEqual({
        [`${manager} Apply`]: { 'f:metadata': { 'f:annotations': { [`f:${clientId}`]: {} } } }
      })
    }
  )

  it('is the binary of the Go azwi, by its user agent', async () => {
    await create('azwi-linux-amd64/v1.6.0 (linux/amd64)', { metadata: { annotations: { [clientId]: 'x' } } })
    expect(Object.keys(await managers())).toEqual(['azwi-linux-amd64 Update'])
  })

  it('is a controller for the secrets that it adds, also if azwi applied the account', async () => {
    await patch(
      'apply-patch+yaml',
      account({ metadata: { annotations: { [clientId]: 'x' } } }),
      '?fieldManager=azwi&force=true'
    )
    const secret = { secrets: [{ name: `${name}-token-abcde` }] }
    await patch('strategic-merge-patch+json', secret, '', 'kube-controller-manager/v1.23.0 (linux/amd64)')
    const dockercfg = {
      metadata: { annotations: { 'openshift.io/internal-registry-pull-secret-ref': `${name}-dockercfg-abcde` } },
      imagePullSecrets: [{ name: `${name}-dockercfg-abcde` }],
      secrets: [{ name: `${name}-dockercfg-abcde` }]
    }
    await patch('strategic-merge-patch+json', dockercfg, '', 'openshift-controller-manager/v1 (linux/amd64)')
    expect(await managers()).toEqual({
      'azwi Apply': { 'f:metadata': { 'f:annotations': { [`f:${clientId}`]: {} } } },
      'kube-controller-manager Update': {
        'f:secrets': { '.': {}, [`k:{"name":"${name}-token-abcde"}`]: { '.': {}, 'f:name': {} } }
      },
      'openshift-controller-manager Update': {
        'f:imagePullSecrets': {},
        'f:metadata': { 'f:annotations': { 'f:openshift.io/internal-registry-pull-secret-ref': {} } },
        'f:secrets': { [`k:{"name":"${name}-dockercfg-abcde"}`]: { '.': {}, 'f:name': {} } }
      }
    })
  })

  it('is in the causes of a conflict, with the field', async () => {
    await create('Helm/3.14.0', { metadata: { annotations: { [clientId]: 'theirs' } } })
    const content = account({ metadata: { annotations: { [clientId]: 'ours' } } })
    const refused = await patch('apply-patch+yaml', content, '?fieldManager=azwi')
    expect(refused).toMatchObject({
      status: 409,
      json: {
        reason: 'Conflict',
        details: {
          causes: [
            {
              reason: 'FieldManagerConflict',
              message: 'conflict with "Helm" using v1',
              field: `.metadata.annotations.${clientId}`
            }
          ]
        }
      }
    })
    expect((await patch('apply-patch+yaml', content, '?fieldManager=azwi&force=true')).status).toBe(200)
    expect(Object.keys(await managers())).toContain('azwi Apply')
  })

  it('is unknown in an account without managed fields, until the next write', async () => {
    await create('velero-server/v1.14', { metadata: { annotations: { [clientId]: 'x' } } })
    sandbox.state.cluster.serviceAccounts.get(`default/${name}`)!.metadata.managedFields = []
    expect(await managers()).toEqual({})
    await patch('merge-patch+json', { metadata: { labels: { a: 'b' } } }, '?fieldManager=kubectl-label')
    expect(Object.keys(await managers())).toContain('kubectl-label Update')
  })

  it('can delete the account only in the version and with the UID that it read', async () => {
    await create('test/1', {})
    const { uid, resourceVersion } = (
      (await askCluster(sandbox, `${collection}/${name}`)).json as unknown as KubernetesObject
    ).metadata
    const remove = (preconditions: object): Promise<Answer> =>
      askCluster(sandbox, `${collection}/${name}`, { method: 'DELETE', body: { preconditions } })
    await patch('merge-patch+json', { metadata: { labels: { a: 'b' } } }, '')
    expect((await remove({ uid, resourceVersion })).status).toBe(409)
    expect((await remove({ uid: '00000000-0000-0000-0000-000000000000' })).status).toBe(409)
    expect((await remove({ uid })).status).toBe(200)
  })
})

describe('the issuer of a cluster', () => {
  it.each(['/openid/v1/jwks', '/.well-known/openid-configuration'])('can be denied alone: %s', async path => {
    sandbox.state.cluster.denied.add(`get ${path}`)
    const answer = await askCluster(sandbox, path, { headers: { accept: '*/*' } })
    expect(answer).toMatchObject({
      status: 403,
      json: { reason: 'Forbidden', message: `forbidden: User "azwi-sandbox-admin" cannot get path "${path}"` }
    })
    await create('test/1', {})
    expect((await askCluster(sandbox, `${collection}/${name}`)).status).toBe(200)
    sandbox.state.cluster.denied.clear()
    expect((await askCluster(sandbox, path, { headers: { accept: '*/*' } })).status).toBe(200)
  })
})
