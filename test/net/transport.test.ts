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

/** The first requests to a service get this answer; then all is well. Gives how many were asked. */
function failFirst(service: Service, times: number, answer: SandboxResponse | 'cut'): () => number {
  let asked = 0
  test.fault(async (_, to, next) => (to === service && asked++ < times ? answer : next()))
  return () => asked
}
const status = (code: number, headers: Record<string, string> = {}): SandboxResponse => ({
  status: code,
  headers,
  body: { error: { code: 'Fault', message: 'not now' } }
})

describe('a fault that passes', () => {
  it.each(services.flatMap(service => [429, 503].map(code => [service, code] as const)))(
    'of %s, %i, is got over',
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

  it.each(services)('of %s, a connection that is cut, is got over', async service => {
    failFirst(service, 2, 'cut')
    const outcome = await create()
    expect(outcome.status, outcome.stderr).toBe(0)
  })

  it.each([408, 500, 502, 504])('may be %i as well', async code => {
    failFirst('graph', 1, status(code))
    expect((await create()).status).toBe(0)
  })

  it('is waited for as often as the service asks, and nobody asks it meanwhile', async () => {
    const asked = failFirst('graph', 20, status(429, { 'retry-after': '1' }))
    expect((await create()).status).toBe(0)
    expect(asked()).toBeGreaterThan(20)
    // The log of a wait is of whole seconds; what stands in line behind it waits a little longer, so that not all come back at once.
    expect(waits.filter(wait => wait > 500 && wait !== 1000).length).toBeGreaterThan(0)
  })

  it('is waited for as long as the service asks', async () => {
    failFirst('graph', 1, status(429, { 'retry-after': '7' }))
    expect((await create()).status).toBe(0)
    expect(waits).toContain(7000)
  })
})

describe('a fault that does not pass', () => {
  it.each([400, 401, 403, 404, 409, 501])('%i, is final: Graph is asked for it only once', async code => {
    let asked = 0
    test.fault(async (request, service, next) => {
      if (service !== 'graph' || request.method !== 'PATCH') return next()
      asked++
      return status(code)
    })
    const outcome = await create()
    expect(outcome.status).toBe(code === 401 || code === 403 ? 4 : 1)
    expect(asked).toBe(1)
    expect(outcome.stderr).toMatch(/^Error: Microsoft Graph refused to create the application/m)
  })

  it('a throttle that never ends is given up after some tries', async () => {
    const asked = new Map<string, number>()
    test.fault(async ({ path }, to, next) => {
      if (to !== 'graph') return next()
      asked.set(path, (asked.get(path) ?? 0) + 1)
      return status(429)
    })
    const outcome = await create()
    expect(outcome.status).toBe(1)
    expect(outcome.stderr).toMatch(/^Error: .*429/m)
    expect(Math.max(...asked.values())).toBeLessThanOrEqual(12)
  })

  it('a wait longer than a minute is not kept in silence', async () => {
    failFirst('graph', Infinity, status(429, { 'retry-after': '3600' }))
    const outcome = await create()
    expect(outcome.status).toBe(1)
    expect(waits).toEqual([])
  })

  it.each(['graph', 'arm'] as const)('%s that cuts every connection is named, with a hint', async service => {
    test.fault(async (request, to, next) => (to === service && !request.path.startsWith('/metadata/') ? 'cut' : next()))
    const outcome = await create()
    expect(outcome.status, outcome.stderr).toBe(1)
    expect(outcome.stderr).toMatch(/^Error: .*could not be reached.*\nHint: /m)
  })

  it('a cluster where nobody listens is named, with a hint, at once', async () => {
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
