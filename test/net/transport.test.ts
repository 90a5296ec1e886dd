import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SandboxResponse } from '../../sandbox/src/server/http.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { logLines } from '../helpers/log.js'

const test = useFaultySandbox()
const services = ['entra', 'graph', 'arm', 'kubernetes'] as const
type Service = (typeof services)[number]

const waits: number[] = []
const create = () => {
  waits.length = 0
  return test.azwi(
    [
      'sa',
      'create',
      '--service-account-name',
      'app',
      '--azure-role',
      'Reader',
      '--azure-scope',
      `/subscriptions/${test.sandbox.state.subscriptionId}`
    ],
    {},
    {
      sleep: milliseconds => {
        waits.push(milliseconds)
        return Promise.resolve()
      }
    }
  )
}

/** Answers the first requests to a service with a failure. Returns a function that returns the number of requests so far. */
function failFirst(service: Service, times: number, answer: SandboxResponse | 'cut'): () => number {
  let requests = 0
  test.fault(async (_, to, next) => (to === service && requests++ < times ? answer : next()))
  return () => requests
}
const status = (code: number, headers: Record<string, string> = {}): SandboxResponse => ({
  status: code,
  headers,
  body: { error: { code: 'Fault', message: 'not now' } }
})

describe('a transient failure', () => {
  it.each(services.flatMap(service => [429, 503].map(code => [service, code] as const)))(
    'of %s, %i, is retried',
    async (service, code) => {
      failFirst(service, 2, status(code))
      const outcome = await create()
      expect(outcome.status, outcome.stderr).toBe(0)
      expect(
        logLines(outcome.stderr).filter(
          ({ level, message }) => level === 'INFO' && message.startsWith('waiting ') && message.includes(String(code))
        ).length
      ).toBeGreaterThanOrEqual(2)
    }
  )

  it.each(services)('of %s, a closed connection, is retried', async service => {
    failFirst(service, 2, 'cut')
    const outcome = await create()
    expect(outcome.status, outcome.stderr).toBe(0)
  })

  it.each([408, 500, 502, 504])('can also be %i', async code => {
    failFirst('graph', 1, status(code))
    expect((await create()).status).toBe(0)
  })

  it('with Retry-After is retried as often as needed, and delays other requests to the service', async () => {
    const requests = failFirst('graph', 20, status(429, { 'retry-after': '1' }))
    expect((await create()).status).toBe(0)
    expect(requests()).toBeGreaterThan(20)
    // A retry waits exactly one second. The other requests wait a random time longer, so that not all resume at once.
    expect(waits.filter(wait => wait > 500 && wait !== 1000).length).toBeGreaterThan(0)
  })

  it('is retried after the time in Retry-After', async () => {
    failFirst('graph', 1, status(429, { 'retry-after': '7' }))
    expect((await create()).status).toBe(0)
    expect(waits).toContain(7000)
  })
})

describe('a permanent failure', () => {
  it.each([400, 403, 404, 409, 501])('%i is final: the request is sent only once', async code => {
    let requests = 0
    test.fault(async (request, service, next) => {
      if (service !== 'graph' || request.method !== 'PATCH') return next()
      requests++
      return status(code)
    })
    const outcome = await create()
    expect(outcome.status).toBe(code === 403 ? 4 : 1)
    expect(requests).toBe(1)
    expect(outcome.stderr).toMatch(/^Error: Microsoft Graph refused to create the application/m)
  })

  it('429 is final after some attempts if it never ends', async () => {
    const requests = new Map<string, number>()
    test.fault(async ({ path }, to, next) => {
      if (to !== 'graph') return next()
      requests.set(path, (requests.get(path) ?? 0) + 1)
      return status(429)
    })
    const outcome = await create()
    expect(outcome.status).toBe(1)
    expect(outcome.stderr).toMatch(/^Error: .*429/m)
    expect(Math.max(...requests.values())).toBeLessThanOrEqual(12)
  })

  it('429 is final if Retry-After is longer than the time-out', async () => {
    failFirst('graph', Infinity, status(429, { 'retry-after': '3600' }))
    const outcome = await create()
    expect(outcome.status).toBe(1)
    expect(waits).toEqual([])
  })

  it.each(['graph', 'arm'] as const)(
    'of %s, which closes every connection, names the service and has a hint',
    async service => {
      test.fault(async (request, to, next) =>
        to === service && !request.path.startsWith('/metadata/') ? 'cut' : next()
      )
      const outcome = await create()
      expect(outcome.status, outcome.stderr).toBe(1)
      expect(outcome.stderr).toMatch(/^Error: .*could not be reached.*\nHint: /m)
    }
  )

  it('of a cluster that cannot be reached names the cluster, without waiting', async () => {
    const path = join(test.directory, 'elsewhere')
    const text = readFileSync(test.environment.KUBECONFIG!, 'utf8')
    writeFileSync(path, text.replaceAll(test.sandbox.state.endpoints.kubernetes, 'https://localhost:1'))
    Object.assign(test.environment, { KUBECONFIG: path })
    const outcome = await create()
    expect(outcome.status, outcome.stderr).toBe(1)
    expect(outcome.stderr).toMatch(
      /^Error: the Kubernetes API server at https:\/\/localhost:1 could not be reached.*\nHint: /m
    )
    expect(waits).toEqual([])
  })
})
