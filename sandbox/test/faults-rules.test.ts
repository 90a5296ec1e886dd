import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createFaultEngine } from '../src/faults/engine.js'
import type { FaultAction, FaultMatch, FaultRule } from '../src/faults/format.js'
import { readFaults } from '../src/faults/read.js'
import type { SandboxResponse, Service } from '../src/server/http.js'

const start = Date.parse('2025-06-01T12:00:00Z')

/** Creates an engine whose waits move its clock, in front of services that list the requests that they handled. */
function engineFor(rules: readonly FaultRule[], seed = 0) {
  const clock = { at: start }
  const done: string[] = []
  const world = { now: () => new Date(clock.at), uuid: randomUUID, subscriptionId: randomUUID() }
  const engine = createFaultEngine(readFaults({ rules }), {
    seed,
    state: world,
    sleep: milliseconds => {
      clock.at += milliseconds
      return Promise.resolve()
    }
  })
  const send = async (service: Service['name'] = 'graph', method = 'GET', path = '/v1.0/applications') => {
    const request = {
      method,
      path,
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.alloc(0),
      origin: 'https://localhost:1'
    }
    const ok: SandboxResponse = { status: 200 }
    const name = `${service} ${method} ${path}`
    const outcome = await engine(request, { name: service } as Service, () => {
      done.push(name)
      return Promise.resolve(ok)
    })
    return outcome === 'cut'
      ? { status: 0, headers: {}, body: undefined }
      : { headers: {}, body: undefined, ...outcome }
  }
  const statuses = async (count: number) => {
    const all: number[] = []
    for (let index = 0; index < count; index++) all.push((await send()).status)
    return all
  }
  return { clock, done, send, statuses }
}

const reset = (match: FaultMatch): FaultRule[] => [{ match, action: 'reset' }]

describe('a rule', () => {
  it.each<[string, FaultMatch, number[]]>([
    ['the nth request', { nth: 2 }, [200, 0, 200, 200, 200, 200]],
    ['a range', { nth: '2-4' }, [200, 0, 0, 0, 200, 200]],
    ['an open range', { nth: '5-' }, [200, 200, 200, 200, 0, 0]],
    ['several requests', { nth: [1, '3-4', 6] }, [0, 200, 0, 0, 200, 0]],
    ['every third request', { every: 3 }, [200, 200, 0, 200, 200, 0]],
    ['every request', {}, [0, 0, 0, 0, 0, 0]]
  ])('matches %s', async (_requests, match, expected) => {
    expect(await engineFor(reset(match)).statuses(6)).toEqual(expected)
  })

  it('counts only requests that match all its other conditions', async () => {
    const { send } = engineFor(
      reset({ service: 'arm', method: ['put', 'DELETE'], path: '/subscriptions/*/resourceGroups/**', nth: 2 })
    )
    const path = '/subscriptions/1/resourcegroups/group/providers/x'
    expect((await send('arm', 'PUT', path)).status).toBe(200)
    const others: [Service['name'], string, string][] = [
      ['graph', 'PUT', path],
      ['arm', 'GET', path],
      ['arm', 'PUT', '/subscriptions/1/2/resourcegroups/x']
    ]
    for (const other of others) {
      expect((await send(...other)).status).toBe(200)
    }
    expect((await send('arm', 'DELETE', path)).status).toBe(0)
  })

  it('matches decoded paths, by pattern or by regular expression', async () => {
    const path = '/v1.0/applications(uniqueName=%27a%27)'
    expect(
      (await engineFor(reset({ path: "/v1.0/applications(uniqueName='*')" })).send('graph', 'PATCH', path)).status
    ).toBe(0)
    expect((await engineFor(reset({ pathRegExp: "UNIQUENAME='a'" })).send('graph', 'PATCH', path)).status).toBe(0)
    expect((await engineFor(reset({ path: '/v1.0/*' })).send('graph', 'GET', '/v1.0/%zz')).status).toBe(0)
  })

  it('counts requests that an earlier rule answered; the first rule answers, and latencies add up', async () => {
    const { clock, send } = engineFor([
      { action: { latency: 100 } },
      { match: { nth: 1 }, action: { status: 503 } },
      { match: { nth: 1 }, action: { status: 500 } },
      { match: { nth: 2 }, action: { status: 502 } },
      { match: { nth: 1 }, action: { latency: 50 } }
    ])
    expect((await send()).status).toBe(503)
    expect(clock.at - start).toBe(150)
    expect((await send()).status).toBe(502)
  })
})

describe('an action', () => {
  const once = async (action: FaultAction) => {
    const engine = engineFor([{ action }])
    return { ...engine, answer: await engine.send() }
  }

  it('latency waits before the service handles the request', async () => {
    const { answer, clock, done } = await once({ latency: 250 })
    expect([answer.status, clock.at - start, done.length]).toEqual([200, 250, 1])
  })

  it('stall waits after the service has handled the request', async () => {
    const { answer, clock, done } = await once({ stall: 30_000 })
    expect([answer.status, clock.at - start, done.length]).toEqual([200, 30_000, 1])
  })

  it('reset closes the connection before the service handles the request, lost-answer after', async () => {
    expect(await once('reset')).toMatchObject({ answer: { status: 0 }, done: [] })
    expect(await once('lost-answer')).toMatchObject({ answer: { status: 0 }, done: ['graph GET /v1.0/applications'] })
  })

  it('status answers instead of the service, or after it', async () => {
    expect(await once({ status: 504 })).toMatchObject({ answer: { status: 504 }, done: [] })
    expect(await once({ status: 504, afterWork: true })).toMatchObject({
      answer: { status: 504 },
      done: [expect.any(String)]
    })
  })

  it('status sets Retry-After in seconds, as a date, or not at all', async () => {
    expect((await once({ status: 429, retryAfter: 7 })).answer.headers).toMatchObject({ 'retry-after': '7' })
    expect((await once({ status: 429, retryAfter: { date: 90 } })).answer.headers).toMatchObject({
      'retry-after': 'Sun, 01 Jun 2025 12:01:30 GMT'
    })
    expect((await once({ status: 429 })).answer.headers).not.toHaveProperty('retry-after')
  })

  it.each<[Service['name'], object, object]>([
    [
      'graph',
      { error: { code: 'TooManyRequests' } },
      { error: { code: 'mine', message: 'words', innerError: { date: '2025-06-01T12:00:00' } } }
    ],
    ['arm', { error: { code: '429' } }, { error: { code: 'mine', message: 'words' } }],
    [
      'kubernetes',
      { kind: 'Status', reason: 'TooManyRequests', code: 429, details: { retryAfterSeconds: 3 } },
      { reason: 'mine', message: 'words' }
    ],
    ['entra', { error: 'temporarily_unavailable', error_codes: [90055] }, { error: 'mine' }],
    ['issuer', { code: 'TooManyRequests' }, { code: 'mine', message: 'words' }]
  ])('status answers in the error format of %s', async (service, usual, own) => {
    const { send } = engineFor([
      { match: { nth: 1 }, action: { status: 429, retryAfter: 3 } },
      { match: { nth: 2 }, action: { status: 403, code: 'mine', message: 'words' } }
    ])
    expect(await send(service)).toMatchObject({ status: 429, headers: { 'retry-after': '3' }, body: usual })
    expect(await send(service)).toMatchObject({ status: 403, body: own })
  })

  it('status accepts an AADSTS number for Entra', async () => {
    const { send } = engineFor([
      { action: { status: 400, code: 'AADSTS50076', message: 'Use multi-factor authentication.' } }
    ])
    expect((await send('entra')).body).toMatchObject({
      error: 'invalid_request',
      error_codes: [50076],
      error_description: expect.stringMatching(/^AADSTS50076: Use multi/) as string
    })
  })

  it('throttle limits the rate, and says when to retry', async () => {
    const { clock, send, statuses, done } = engineFor([{ action: { throttle: 0.25, burst: 2 } }])
    expect(await statuses(2)).toEqual([200, 200])
    expect(await send()).toMatchObject({ status: 429, headers: { 'retry-after': '4' } })
    clock.at += 3999
    expect(await send()).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
    clock.at += 1
    expect(await statuses(2)).toEqual([200, 429])
    expect(done).toHaveLength(3)
  })
})
