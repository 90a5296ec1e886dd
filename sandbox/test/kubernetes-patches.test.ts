import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { jsonPatch, mergePatch, strategicMergePatch } from '../src/kubernetes/fields/patches.js'
import { serviceAccountSchema } from '../src/kubernetes/kinds/object-schemas.js'
import { askCluster } from './client.js'

let sandbox: Sandbox
const path = '/api/v1/namespaces/default/serviceaccounts/patched'
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())
beforeEach(async () => {
  await askCluster(sandbox, path, { method: 'DELETE' })
  await askCluster(sandbox, '/api/v1/namespaces/default/serviceaccounts', {
    method: 'POST',
    body: { metadata: { name: 'patched', labels: { a: '1', b: '2' } }, secrets: [{ name: 's' }] }
  })
})

const patch = (type: string, body: object) =>
  askCluster(sandbox, path, { method: 'PATCH', headers: { 'content-type': `application/${type}` }, body })

describe('a patch', () => {
  it.each([
    ['merge-patch+json', { metadata: { labels: { a: null, c: '3' } } }],
    ['strategic-merge-patch+json', { metadata: { labels: { a: null, c: '3' } } }],
    [
      'json-patch+json',
      [
        { op: 'remove', path: '/metadata/labels/a' },
        { op: 'add', path: '/metadata/labels/c', value: '3' }
      ]
    ]
  ])('of type %s changes the fields that it names', async (type, body) => {
    expect(await patch(type, body)).toMatchObject({ status: 200, json: { secrets: [{ name: 's' }] } })
    expect(((await askCluster(sandbox, path)).json.metadata as { labels: object }).labels).toEqual({ b: '2', c: '3' })
  })

  it('replaces a list as a merge patch, and merges it by name as a strategic merge patch', async () => {
    expect(await patch('strategic-merge-patch+json', { secrets: [{ name: 't' }] })).toMatchObject({
      json: { secrets: [{ name: 's' }, { name: 't' }] }
    })
    expect(await patch('merge-patch+json', { secrets: [{ name: 'u' }] })).toMatchObject({
      json: { secrets: [{ name: 'u' }] }
    })
  })

  it('of another type is a 415, and to a missing object a 404', async () => {
    expect(await patch('x', {})).toMatchObject({ status: 415, json: { reason: 'UnsupportedMediaType' } })
    const nothing = await askCluster(sandbox, `${path}x`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: {}
    })
    expect(nothing).toMatchObject({ status: 404 })
  })

  it('must have the current resourceVersion, if it has one', async () => {
    expect(await patch('merge-patch+json', { metadata: { resourceVersion: '1' } })).toMatchObject({ status: 409 })
  })

  it('cannot change the name', async () => {
    expect(await patch('merge-patch+json', { metadata: { name: 'other' } })).toMatchObject({ status: 400 })
  })

  it.each([
    [[{ op: 'test', path: '/metadata/labels/a', value: '9' }]],
    [[{ op: 'remove', path: '/no/such' }]],
    [[{ op: 'dance', path: '/x' }]],
    [{}],
    [[{}]]
  ])('is a 422 as the JSON patch %j', async body => {
    expect(await patch('json-patch+json', body)).toMatchObject({ status: 422 })
  })
})

describe('patch formats', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd']
    ],
    [{ a: 'foo' }, 'bar', 'bar'],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }]
  ])('RFC 7396: %j patched with %j is %j', (target, change, expected) => {
    expect(mergePatch(target, change)).toEqual(expected)
  })

  it.each([
    [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: 'x' }], { foo: ['bar', 'x'] }],
    [{ foo: ['bar', 'qux'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar'] }],
    [{ a: 1 }, [{ op: 'replace', path: '/a', value: 2 }], { a: 2 }],
    [{ a: { b: 1 }, c: {} }, [{ op: 'move', from: '/a/b', path: '/c/d' }], { a: {}, c: { d: 1 } }],
    [{ a: 1 }, [{ op: 'copy', from: '/a', path: '/b' }], { a: 1, b: 1 }],
    [
      { 'a/b': 1, 'm~n': 2 },
      [
        { op: 'test', path: '/a~1b', value: 1 },
        { op: 'remove', path: '/m~0n' }
      ],
      { 'a/b': 1 }
    ]
  ])('RFC 6902: %j patched with %j is %j', (target, change, expected) => {
    expect(jsonPatch(target, change)).toEqual(expected)
  })

  it.each([
    [
      { metadata: { finalizers: ['a'] } },
      { metadata: { finalizers: ['b'] } },
      { metadata: { finalizers: ['a', 'b'] } }
    ],
    [
      { metadata: { finalizers: ['a', 'b'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } },
      { metadata: { finalizers: ['b'] } }
    ],
    [
      { secrets: [{ name: 'a' }, { name: 'b' }] },
      { secrets: [{ name: 'a', $patch: 'delete' }] },
      { secrets: [{ name: 'b' }] }
    ],
    [
      { imagePullSecrets: [{ name: 'a' }] },
      { imagePullSecrets: [{ name: 'b' }] },
      { imagePullSecrets: [{ name: 'b' }] }
    ],
    [
      { metadata: { labels: { a: 'b' } } },
      { metadata: { labels: { $patch: 'replace', c: 'd' } } },
      { metadata: { labels: { c: 'd' } } }
    ],
    [{ secrets: [{ name: 'a' }] }, { '$setElementOrder/secrets': [{ name: 'a' }] }, { secrets: [{ name: 'a' }] }]
  ])('strategic merge: %j patched with %j is %j', (target, change, expected) => {
    expect(strategicMergePatch(target, change, serviceAccountSchema)).toEqual(expected)
  })
})
