import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createFaultEngine } from '../src/faults/engine.js'
import type { MisleadingAction } from '../src/faults/format.js'
import { readFaults } from '../src/faults/read.js'
import type { SandboxResponse, Service } from '../src/server/http.js'

const list: SandboxResponse = {
  status: 200,
  headers: { 'content-type': 'application/json', 'x-ms-request-id': '1' },
  body: { value: [{ id: 'a' }] }
}
const link = 'https://localhost:1/elsewhere'

/** Sends a request to a service behind the fault. Returns the response, and whether the service did its work. */
async function send(
  action: MisleadingAction,
  answer: SandboxResponse = list
): Promise<{ response: SandboxResponse; isDone: boolean }> {
  const engine = createFaultEngine(readFaults({ rules: [{ action }] }), {
    seed: 0,
    state: { now: () => new Date(0), uuid: randomUUID, subscriptionId: randomUUID() },
    sleep: () => Promise.resolve()
  })
  let isDone = false
  const request = {
    method: 'GET',
    path: '/',
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
    origin: 'https://localhost:1'
  }
  const response = await engine(request, { name: 'arm' } as Service, () => {
    isDone = true
    return Promise.resolve(answer)
  })
  if (response === 'cut') throw new Error('the connection was cut')
  return { response, isDone }
}

const json = 'application/json; charset=utf-8'

describe('a misleading answer', () => {
  it.each<[MisleadingAction['misleading'], Partial<SandboxResponse>]>([
    ['html', { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } }],
    ['empty', { status: 200, headers: { 'content-type': json }, body: '' }],
    ['null', { status: 200, headers: { 'content-type': json }, body: 'null' }],
    ['object', { status: 200, headers: { 'content-type': json }, body: '{}' }],
    ['foreign', { status: 200, headers: { 'content-type': json } }],
    ['no-content', { status: 204 }],
    ['redirect', { status: 307, headers: { location: link } }]
  ])('%s replaces that of the service, which does the work only with afterWork', async (misleading, expected) => {
    const instead = await send({ misleading, link })
    expect(instead.response).toMatchObject(expected)
    expect(instead.isDone).toBe(false)
    const after = await send({ misleading, link, afterWork: true })
    expect(after).toEqual({ response: instead.response, isDone: true })
  })

  it('of a truncated body is the first half of that of the service', async () => {
    const { response, isDone } = await send({ misleading: 'truncated' })
    expect(response).toMatchObject({ status: 200, headers: { ...list.headers }, body: '{"value":[{' })
    expect(isDone).toBe(true)
    expect((await send({ misleading: 'truncated' }, { status: 204 })).response).toEqual({ status: 204 })
  })

  it('with a next link leads a list elsewhere, and leaves other answers as they are', async () => {
    const { response, isDone } = await send({ misleading: 'next-link', link })
    expect(response.body).toEqual({ value: [{ id: 'a' }], nextLink: link, '@odata.nextLink': link })
    expect(isDone).toBe(true)
    const object: SandboxResponse = { status: 200, body: { id: 'a' } }
    expect((await send({ misleading: 'next-link', link }, object)).response).toEqual(object)
  })

  it('leads to a host that does not exist without a link', async () => {
    const { response } = await send({ misleading: 'redirect' })
    expect(response.headers).toEqual({ location: 'https://elsewhere.invalid/' })
  })
})
