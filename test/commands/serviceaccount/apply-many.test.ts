import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { many, resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply } = useApply()
const count = 300
const role = "set: many\ndefaults: { roles: [{ role: Reader, scope: 'rg:azwi-sandbox' }] }\n"
/** In milliseconds. These tests take seconds, and longer on a busy machine. */
const longTimeout = 120_000

/** Counts the requests that run at the same time. */
function countConcurrentRequests(): { most: number } {
  const seen = { most: 0 }
  let now = 0
  test.fault(async (_request, _service, next) => {
    now += 1
    seen.most = Math.max(seen.most, now)
    await sleep(25)
    now -= 1
    return next()
  })
  return seen
}

describe('azwi serviceaccount apply with 300 workloads', () => {
  it.each([
    ['applications', role + many(count)],
    [
      'managed identities',
      role +
        many(
          count,
          index =>
            `- { name: app-${index}, identity: { managedIdentity: { name: app-${index}, resourceGroup: azwi-sandbox } } }`
        )
    ]
  ])(
    'sends at most 6 requests for each new workload, and 1.5 for each existing one, with %s',
    async (_kind, text) => {
      const first = await apply(text, '-o', 'json')
      expect(first.status, first.stderr.slice(-2000)).toBe(0)
      expect(JSON.parse(first.stdout)).toMatchObject({ summary: { workloads: count, created: count } })
      expect(test.sandbox.requests.length / count).toBeLessThanOrEqual(6)
      test.sandbox.requests.length = 0
      const again = await apply(text, '-o', 'json')
      expect(JSON.parse(again.stdout)).toMatchObject({ summary: { workloads: count, unchanged: count } })
      expect(test.sandbox.requests.length / count).toBeLessThanOrEqual(1.5)
    },
    longTimeout
  )

  it('creates namespaces and a shared identity once for all workloads', async () => {
    const text = `defaults: { namespaces: [one, two], identity: { application: { name: together } } }\n${many(10)}`
    const { status, stderr } = await apply(text, '--create-namespace')
    expect(status, stderr).toBe(0)
    expect(
      test.sandbox.requests.filter(
        ({ method, path }) => method === 'GET' && /^\/api\/v1\/namespaces\/(one|two)$/.test(path)
      )
    ).toHaveLength(2)
    expect(test.sandbox.state.applications.size).toBe(1)
  })

  it.each([[1], [4], [8]])(
    'runs at most --concurrency %i requests at the same time',
    async concurrency => {
      const seen = countConcurrentRequests()
      const { status, stderr } = await apply(many(20), '--concurrency', String(concurrency))
      expect(status, stderr).toBe(0)
      expect(seen.most).toBeLessThanOrEqual(concurrency)
      // A response travels for a moment before the next request starts.
      expect(seen.most).toBeGreaterThan(concurrency / 2)
    },
    longTimeout
  )

  it(
    'runs 8 requests at the same time by default',
    async () => {
      const seen = countConcurrentRequests()
      await apply(many(20))
      expect(seen.most).toBeLessThanOrEqual(8)
      expect(seen.most).toBeGreaterThan(4)
    },
    longTimeout
  )

  it(
    'runs fewer requests after a 429, and applies all workloads',
    async () => {
      let now = 0
      let refusals = 0
      const after: number[] = []
      test.fault(async (request, service, next) => {
        now += 1
        if (refusals > 0) after.push(now)
        await sleep(5)
        now -= 1
        if (service === 'graph' && request.method === 'PATCH' && refusals < 12) {
          refusals += 1
          return {
            status: 429,
            headers: { 'retry-after': '1' },
            body: { error: { code: 'TooManyRequests', message: 'slow down' } }
          }
        }
        return next()
      })
      const outcome = await apply(many(40), '--concurrency', '16', '-o', 'json')
      expect(outcome.status, outcome.stderr.slice(-2000)).toBe(0)
      expect(new Set(Object.values(resultsOf(outcome)))).toEqual(new Set(['created']))
      // The requests that were sent before the first 429 still run. After them, the limit is one or two.
      expect(Math.min(...after.slice(16, 60))).toBeLessThanOrEqual(2)
      expect(Math.max(...after.slice(20, 30))).toBeLessThan(16)
    },
    longTimeout
  )

  it.each([0, 51.5, 101, Number.NaN])('refuses --concurrency %d', async value => {
    const { status, stderr } = await apply(many(1), '--concurrency', String(value))
    expect({ status, requests: test.sandbox.requests.length }).toEqual({ status: 2, requests: 0 })
    expect(stderr).toContain('is not a number from 1 to 100')
  })
})
