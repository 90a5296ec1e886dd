import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { askCluster } from './client.js'

let sandbox: Sandbox
const names = (json: Record<string, unknown>) =>
  (json.items as { metadata: { name: string; namespace: string } }[]).map(({ metadata }) => metadata.name)
const list = async (query = '', path = '/api/v1/namespaces/shop/serviceaccounts') =>
  (await askCluster(sandbox, `${path}${query}`)).json

beforeAll(async () => {
  const startedAt = new Date()
  sandbox = await startSandbox({ now: () => startedAt })
  await askCluster(sandbox, '/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'shop' } } })
  for (const [name, labels] of [
    ['a', { tier: 'web', azwi: 'x' }],
    ['b', { tier: 'db' }],
    ['c', {}]
  ] as const) {
    await askCluster(sandbox, '/api/v1/namespaces/shop/serviceaccounts', {
      method: 'POST',
      body: { metadata: { name, labels } }
    })
  }
})
afterAll(() => sandbox.close())

describe('a list', () => {
  it('has its kind once, and not in each item', async () => {
    const json = await list()
    expect(json).toMatchObject({ kind: 'ServiceAccountList', apiVersion: 'v1' })
    expect(names(json)).toEqual(['a', 'b', 'c', 'default'])
    expect(json.items).not.toContainEqual(expect.objectContaining({ kind: 'ServiceAccount' }))
  })

  it('contains all namespaces if the path has none', async () => {
    expect(names(await list('', '/api/v1/serviceaccounts'))).toEqual([
      'default',
      'default',
      'default',
      'a',
      'b',
      'c',
      'default'
    ])
  })

  it('has pages, by limit and continue', async () => {
    const first = await list('?limit=3')
    const { continue: token, remainingItemCount } = first.metadata as { continue: string; remainingItemCount: number }
    expect(remainingItemCount).toBe(1)
    const second = await list(`?limit=3&continue=${token}`)
    expect([...names(first), ...names(second)]).toEqual(['a', 'b', 'c', 'default'])
    expect(second.metadata).not.toHaveProperty('continue')
    expect(await askCluster(sandbox, '/api/v1/serviceaccounts?continue=x')).toMatchObject({ status: 400 })
    expect(await askCluster(sandbox, '/api/v1/serviceaccounts?limit=x')).toMatchObject({ status: 400 })
  })

  it.each([
    ['tier=web', ['a']],
    ['tier==web', ['a']],
    ['tier!=web', ['b', 'c', 'default']],
    ['tier', ['a', 'b']],
    ['!tier', ['c', 'default']],
    ['tier in (web, db),azwi', ['a']],
    ['tier notin (web)', ['b', 'c', 'default']],
    ['', ['a', 'b', 'c', 'default']]
  ])('accepts the label selector "%s"', async (selector, expected) => {
    expect(names(await list(`?labelSelector=${encodeURIComponent(selector)}`))).toEqual(expected)
  })

  it.each([
    ['metadata.name=b', ['b']],
    ['metadata.name!=b,metadata.namespace=shop', ['a', 'c', 'default']]
  ])('accepts the field selector "%s"', async (selector, expected) => {
    expect(names(await list(`?fieldSelector=${encodeURIComponent(selector)}`))).toEqual(expected)
  })

  it.each(['labelSelector=a%20b', 'fieldSelector=spec.x%3Dy', 'fieldSelector=x'])('refuses %s', async query => {
    expect(await askCluster(sandbox, `/api/v1/serviceaccounts?${query}`)).toMatchObject({
      status: 400,
      json: { reason: 'BadRequest' }
    })
  })

  it('is a table if the request prefers one', async () => {
    const answer = await askCluster(sandbox, '/api/v1/namespaces/shop/serviceaccounts', {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }
    })
    expect(answer.json).toMatchObject({
      kind: 'Table',
      columnDefinitions: [{ name: 'Name' }, { name: 'Secrets' }, { name: 'Age' }],
      rows: [
        {
          cells: ['a', 0, '0s'],
          object: { kind: 'PartialObjectMetadata', metadata: { namespace: 'shop' } }
        },
        {},
        {},
        {}
      ]
    })
  })
})
