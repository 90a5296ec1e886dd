import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { ask, askCluster, type Question } from './client.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

const path = (name = '', namespace = 'default') =>
  `/api/v1/namespaces/${namespace}/serviceaccounts${name === '' ? '' : `/${name}`}`
const call = (target: string, question?: Question) => askCluster(sandbox, target, question)
const create = (metadata: object, rest: object = {}) => call(path(), { method: 'POST', body: { metadata, ...rest } })

interface Stored {
  metadata: {
    name: string
    uid: string
    resourceVersion: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
}

describe('authentication', () => {
  it.each(['', 'Bearer wrong'])('refuses "%s" with a Status', async authorization => {
    const answer = await ask(sandbox, `${sandbox.state.endpoints.kubernetes}/api/v1/namespaces`, {
      headers: { authorization }
    })
    expect(answer.status).toBe(401)
    expect(answer.json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401
    })
  })

  it('is not required for /readyz', async () => {
    await expect(ask(sandbox, `${sandbox.state.endpoints.kubernetes}/readyz`)).resolves.toMatchObject({
      status: 200,
      text: 'ok'
    })
  })
})

describe('a service account', () => {
  it('is created, read, replaced and deleted', async () => {
    const created = await create(
      { name: 'one', labels: { a: 'b' } },
      { imagePullSecrets: [{ name: 'pull' }], automountServiceAccountToken: false }
    )
    expect(created).toMatchObject({
      status: 201,
      json: { kind: 'ServiceAccount', apiVersion: 'v1', imagePullSecrets: [{ name: 'pull' }] }
    })
    const { metadata } = created.json as unknown as Stored
    expect(metadata).toMatchObject({ name: 'one', namespace: 'default', labels: { a: 'b' } })
    expect((await call(path('one'))).json).toEqual(created.json)

    const replaced = await call(path('one'), {
      method: 'PUT',
      body: { metadata: { name: 'one', resourceVersion: metadata.resourceVersion } }
    })
    expect(replaced.status).toBe(200)
    expect(replaced.json.imagePullSecrets).toBeUndefined()
    expect((replaced.json as unknown as Stored).metadata).toMatchObject({ uid: metadata.uid })
    expect((replaced.json as unknown as Stored).metadata.labels).toBeUndefined()

    expect(await call(path('one'), { method: 'DELETE' })).toMatchObject({ status: 200 })
    expect(await call(path('one'))).toMatchObject({
      status: 404,
      json: {
        reason: 'NotFound',
        message: 'serviceaccounts "one" not found',
        details: { name: 'one', kind: 'serviceaccounts' }
      }
    })
  })

  it('that exists already is a 409', async () => {
    await create({ name: 'twice' })
    expect(await create({ name: 'twice' })).toMatchObject({
      status: 409,
      json: { reason: 'AlreadyExists', message: 'serviceaccounts "twice" already exists' }
    })
  })

  it('in a missing namespace is a 404 about the namespace', async () => {
    const answer = await call(path('', 'missing'), { method: 'POST', body: { metadata: { name: 'x' } } })
    expect(answer).toMatchObject({
      status: 404,
      json: { message: 'namespaces "missing" not found', details: { kind: 'namespaces' } }
    })
  })

  it('with a stale resourceVersion or another UID is a 409', async () => {
    const { metadata } = (await create({ name: 'stale' })).json as unknown as Stored
    await call(path('stale'), { method: 'PUT', body: { metadata: { name: 'stale', labels: { a: 'b' } } } })
    for (const precondition of [{ resourceVersion: metadata.resourceVersion }, { uid: 'other' }]) {
      const answer = await call(path('stale'), {
        method: 'PUT',
        body: { metadata: { name: 'stale', ...precondition } }
      })
      expect(answer).toMatchObject({ status: 409, json: { reason: 'Conflict' } })
    }
  })

  it('keeps its resourceVersion if nothing changes', async () => {
    const { metadata } = (await create({ name: 'still', labels: { a: 'b' } })).json as unknown as Stored
    const answer = await call(path('still'), {
      method: 'PUT',
      body: { metadata: { name: 'still', labels: { a: 'b' } } }
    })
    expect((answer.json as unknown as Stored).metadata.resourceVersion).toBe(metadata.resourceVersion)
  })

  it('is deleted only if the preconditions of the request are met', async () => {
    const { metadata } = (await create({ name: 'guarded' })).json as unknown as Stored
    for (const preconditions of [{ uid: 'other' }, { resourceVersion: '0' }]) {
      expect(await call(path('guarded'), { method: 'DELETE', body: { preconditions } })).toMatchObject({
        status: 409,
        json: { reason: 'Conflict' }
      })
    }
    const { uid, resourceVersion } = metadata
    expect(
      await call(path('guarded'), { method: 'DELETE', body: { preconditions: { uid, resourceVersion } } })
    ).toMatchObject({ status: 200 })
  })

  it('is not changed by a dry run', async () => {
    expect(await call(`${path()}?dryRun=All`, { method: 'POST', body: { metadata: { name: 'dry' } } })).toMatchObject({
      status: 201
    })
    expect(await call(path('dry'))).toMatchObject({ status: 404 })
    expect(
      await call(`${path('default')}?dryRun=All`, { method: 'PUT', body: { metadata: { labels: { a: 'b' } } } })
    ).toMatchObject({ status: 200 })
    expect(await call(`${path('default')}?dryRun=All`, { method: 'DELETE' })).toMatchObject({ status: 200 })
    expect((await call(path('default'))).json.metadata).not.toHaveProperty('labels')
    expect(await call(`${path()}?dryRun=Some`, { method: 'POST', body: { metadata: { name: 'dry' } } })).toMatchObject({
      status: 400
    })
  })

  it('named default is created again when it is deleted', async () => {
    const before = (await call(path('default', 'kube-public'))).json as unknown as Stored
    await call(path('default', 'kube-public'), { method: 'DELETE' })
    const after = (await call(path('default', 'kube-public'))).json as unknown as Stored
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
  })
})

describe('a refused request', () => {
  it.each([
    [{ name: 'Bad_Name' }, 'metadata.name'],
    [{ name: '-x' }, 'metadata.name'],
    [{ name: 'x'.repeat(254) }, 'metadata.name'],
    [{}, 'metadata.name'],
    [{ name: 'x', labels: { 'bad key': 'x' } }, 'metadata.labels'],
    [{ name: 'x', labels: { key: 'not a value' } }, 'metadata.labels'],
    [{ name: 'x', annotations: { '/x': 'y' } }, 'metadata.annotations'],
    [{ name: 'x', annotations: { big: 'y'.repeat(256 * 1024) } }, 'metadata.annotations']
  ])('with the metadata %j is a 422 that names %s', async (metadata, field) => {
    const answer = await create(metadata)
    expect(answer).toMatchObject({
      status: 422,
      json: { reason: 'Invalid', details: { kind: 'ServiceAccount', causes: [{ field }] } }
    })
  })

  it.each([
    ['invalid JSON', '{', 400],
    ['a list', '[]', 400],
    ['a number for an annotation', { metadata: { name: 'x', annotations: { a: 1 } } }, 400],
    ['another kind', { kind: 'Pod', metadata: { name: 'x' } }, 400],
    ["another namespace than the path's", { metadata: { name: 'x', namespace: 'kube-system' } }, 400]
  ])('with %s in the body is a 400', async (_content, body, status) => {
    expect(await call(path(), { method: 'POST', body })).toMatchObject({
      status,
      json: { kind: 'Status', status: 'Failure' }
    })
  })

  it('with an unknown field is a 400 if the validation is strict', async () => {
    const body = { metadata: { name: 'strict' }, spec: {} }
    expect(await call(`${path()}?fieldValidation=Strict`, { method: 'POST', body })).toMatchObject({
      status: 400,
      json: { message: 'strict decoding error: unknown field "spec"' }
    })
    expect(await call(path(), { method: 'POST', body })).toMatchObject({ status: 201 })
  })

  it('with an unknown media type is a 415 or a 406', async () => {
    const answer = await call(path(), { method: 'POST', headers: { 'content-type': 'application/cbor' }, body: 'x' })
    expect(answer).toMatchObject({ status: 415, json: { reason: 'UnsupportedMediaType' } })
    const protobuf = await call(path(), {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
      body: 'k8s\0'
    })
    expect(protobuf).toMatchObject({ status: 415 })
    expect(await call(path(), { headers: { accept: 'application/vnd.kubernetes.protobuf' } })).toMatchObject({
      status: 406
    })
  })

  it('to an unknown path, with a wrong method, or for a watch is a 404 or a 405', async () => {
    expect(await call('/api/v1/secrets')).toMatchObject({ status: 404, json: { kind: 'Status' } })
    expect(await call(path(), { method: 'DELETE' })).toMatchObject({ status: 404 })
    expect(await call(`${path()}?watch=true`)).toMatchObject({ status: 405, json: { reason: 'MethodNotAllowed' } })
  })
})

describe('a namespace', () => {
  it('has a label and a default service account, and is deleted with its service accounts', async () => {
    const created = await call('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'team' } } })
    expect(created).toMatchObject({
      status: 201,
      json: { metadata: { labels: { 'kubernetes.io/metadata.name': 'team' } }, status: { phase: 'Active' } }
    })
    expect(await call(path('default', 'team'))).toMatchObject({ status: 200 })
    expect(await call('/api/v1/namespaces/team', { method: 'DELETE' })).toMatchObject({ status: 200 })
    expect(await call(path('default', 'team'))).toMatchObject({ status: 404 })
  })

  it('must have an RFC 1123 label as its name', async () => {
    expect(await call('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'a.b' } } })).toMatchObject({
      status: 422
    })
  })

  it('of the system cannot be deleted', async () => {
    expect(await call('/api/v1/namespaces/kube-system', { method: 'DELETE' })).toMatchObject({
      status: 403,
      json: { reason: 'Forbidden' }
    })
  })
})
