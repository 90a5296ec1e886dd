import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import type { KubernetesObject } from '../src/kubernetes/cluster.js'
import { type Answer, askCluster } from './client.js'

let sandbox: Sandbox
let path: string
let count = 0
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())
beforeEach(() => {
  path = `/api/v1/namespaces/default/serviceaccounts/applied-${++count}`
})

function apply(manager: string, object: object, query = ''): Promise<Answer> {
  return askCluster(sandbox, `${path}?fieldManager=${manager}${query}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: { apiVersion: 'v1', kind: 'ServiceAccount', ...object }
  })
}

function merge(manager: string, patch: object): Promise<Answer> {
  return askCluster(sandbox, `${path}?fieldManager=${manager}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: patch
  })
}

async function stored(): Promise<KubernetesObject> {
  return (await askCluster(sandbox, path)).json as unknown as KubernetesObject
}

const annotations = (values: Record<string, string>) => ({ metadata: { annotations: values } })

describe('server-side apply', () => {
  it('creates a missing object, and owns the fields that it sets', async () => {
    expect(await apply('azwi', annotations({ 'azure.workload.identity/client-id': 'id' }))).toMatchObject({
      status: 201
    })
    const { metadata } = await stored()
    expect(metadata.annotations).toEqual({ 'azure.workload.identity/client-id': 'id' })
    expect(metadata.managedFields).toMatchObject([
      {
        manager: 'azwi',
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:azure.workload.identity/client-id': {} } } }
      }
    ])
  })

  it('keeps the fields of others, and changes nothing the second time', async () => {
    await askCluster(sandbox, path.replace(/\/[^/]+$/, '?fieldManager=helm'), {
      method: 'POST',
      body: {
        metadata: { name: path.split('/').at(-1), labels: { app: 'x' }, annotations: { note: 'mine' } },
        imagePullSecrets: [{ name: 'p' }]
      }
    })
    expect(await apply('azwi', annotations({ ours: '1' }))).toMatchObject({ status: 200 })
    const first = await stored()
    expect(first).toMatchObject({
      imagePullSecrets: [{ name: 'p' }],
      metadata: { labels: { app: 'x' }, annotations: { note: 'mine', ours: '1' } }
    })
    expect(await apply('azwi', annotations({ ours: '1' }))).toMatchObject({ status: 200 })
    expect(await stored()).toEqual(first)
  })

  it('removes fields that the manager owned and no longer applies', async () => {
    await apply('azwi', annotations({ one: '1', two: '2' }))
    await apply('azwi', annotations({ two: '2' }))
    expect((await stored()).metadata.annotations).toEqual({ two: '2' })
    await apply('azwi', {})
    const { metadata } = await stored()
    expect(metadata.annotations).toBeUndefined()
    expect(metadata.managedFields).toEqual([])
  })

  it('keeps fields that another manager still owns', async () => {
    await apply('azwi', annotations({ shared: '1' }))
    await apply('other', annotations({ shared: '1' }))
    await apply('azwi', {})
    expect((await stored()).metadata.annotations).toEqual({ shared: '1' })
    await apply('other', {})
    expect((await stored()).metadata.annotations).toBeUndefined()
  })

  it('conflicts if another manager owns the field with another value', async () => {
    await apply('azwi', annotations({ key: 'ours' }))
    await merge('kubectl-annotate', annotations({ key: 'theirs' }))
    const answer = await apply('azwi', annotations({ key: 'ours' }))
    expect(answer).toMatchObject({
      status: 409,
      json: {
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "kubectl-annotate" using v1: .metadata.annotations.key',
        details: {
          causes: [
            {
              reason: 'FieldManagerConflict',
              message: 'conflict with "kubectl-annotate" using v1',
              field: '.metadata.annotations.key'
            }
          ]
        }
      }
    })
    expect((await stored()).metadata.annotations).toEqual({ key: 'theirs' })
  })

  it('lists all conflicts by manager', async () => {
    await apply('first', annotations({ a: '1', b: '1' }))
    const answer = await apply('second', annotations({ a: '2', b: '2' }))
    expect(answer.json).toMatchObject({
      message:
        'Apply failed with 2 conflicts: conflicts with "first":\n- .metadata.annotations.a\n- .metadata.annotations.b'
    })
  })

  it('takes over the field with force', async () => {
    await apply('azwi', annotations({ key: 'ours' }))
    await merge('kubectl-annotate', annotations({ key: 'theirs' }))
    expect(await apply('azwi', annotations({ key: 'ours' }), '&force=true')).toMatchObject({ status: 200 })
    const { metadata } = await stored()
    expect(metadata.annotations).toEqual({ key: 'ours' })
    expect(metadata.managedFields.map(entry => entry.manager)).toEqual(['azwi'])
  })

  it('shares a field whose value is the same', async () => {
    await apply('azwi', annotations({ key: 'same' }))
    expect(await apply('other', annotations({ key: 'same' }))).toMatchObject({ status: 200 })
    expect((await stored()).metadata.managedFields.map(entry => entry.manager)).toEqual(['azwi', 'other'])
  })

  it('merges secrets by name, and owns imagePullSecrets as one field', async () => {
    await apply('a', { secrets: [{ name: 'one' }], imagePullSecrets: [{ name: 'x' }] })
    await apply('b', { secrets: [{ name: 'two' }] })
    expect(await stored()).toMatchObject({ secrets: [{ name: 'one' }, { name: 'two' }] })
    expect((await stored()).metadata.managedFields[1]?.fieldsV1).toEqual({
      'f:secrets': { 'k:{"name":"two"}': { '.': {}, 'f:name': {} } }
    })
    expect(await apply('b', { imagePullSecrets: [{ name: 'y' }] })).toMatchObject({ status: 409 })
  })

  it('writes nothing in a dry run', async () => {
    expect(await apply('azwi', {}, '&dryRun=All')).toMatchObject({ status: 201 })
    expect(await askCluster(sandbox, path)).toMatchObject({ status: 404 })
  })

  it.each([
    ['no manager', '', {}],
    ['no kind', 'azwi', { kind: undefined }],
    ['managedFields', 'azwi', { metadata: { managedFields: [{}] } }],
    ['another name', 'azwi', { metadata: { name: 'other' } }],
    ['an unknown field', 'azwi', { spec: {} }]
  ])('with %s is a 400', async (_fault, manager, object) => {
    expect(await apply(manager, object)).toMatchObject({ status: 400, json: { reason: 'BadRequest' } })
  })

  it('needs an existing namespace, and the resourceVersion in the request', async () => {
    path = '/api/v1/namespaces/missing/serviceaccounts/x'
    expect(await apply('azwi', {})).toMatchObject({ status: 404, json: { message: 'namespaces "missing" not found' } })
    path = '/api/v1/namespaces/default/serviceaccounts/default'
    expect(await apply('azwi', { metadata: { resourceVersion: '1' } })).toMatchObject({ status: 409 })
  })
})

describe('writes without server-side apply', () => {
  it('own the fields that they change as Update, by default in the name of the user agent', async () => {
    await askCluster(sandbox, path.replace(/\/[^/]+$/, ''), {
      method: 'POST',
      headers: { 'user-agent': 'helm/3.1 (linux)' },
      body: { metadata: { name: path.split('/').at(-1), labels: { a: 'b' } } }
    })
    expect((await stored()).metadata.managedFields).toMatchObject([
      { manager: 'helm', operation: 'Update', fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } } }
    ])
    await merge('editor', { metadata: { labels: { a: 'c', d: 'e' } } })
    // The order depends on the times, which are whole seconds.
    expect(
      Object.fromEntries((await stored()).metadata.managedFields.map(({ manager, fieldsV1 }) => [manager, fieldsV1]))
    ).toEqual(
      Object.fromEntries([
        ['editor', { 'f:metadata': { 'f:labels': { 'f:a': {}, 'f:d': {} } } }],
        ['helm', { 'f:metadata': { 'f:labels': {} } }]
      ])
    )
  })

  it('remove deleted fields from all managers', async () => {
    await apply('azwi', annotations({ key: 'x' }))
    await merge('editor', { metadata: { annotations: { key: null } } })
    expect((await stored()).metadata.managedFields).toEqual([])
  })
})
