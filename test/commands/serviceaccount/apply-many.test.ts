import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { many, resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply } = useApply()
const count = 300
const role = "set: many\ndefaults: { roles: [{ role: Reader, scope: 'rg:azwi-sandbox' }] }\n"
/** It takes seconds, on a busy machine more. */
const patient = 120_000

/** Counts how many requests are under way at once. */
function countAtOnce(): { most: number } {
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

describe('azwi serviceaccount apply, of 300', () => {
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
    'takes at most 6 requests for each that is new, and 1.5 for each that is not, with %s',
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
    patient
  )

  it('makes namespaces and a shared identity once, however many ask', async () => {
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
    'has no more than --concurrency %i requests under way',
    async concurrency => {
      const seen = countAtOnce()
      const { status, stderr } = await apply(many(20), '--concurrency', String(concurrency))
      expect(status, stderr).toBe(0)
      expect(seen.most).toBeLessThanOrEqual(concurrency)
      // An answer is on its way for a moment before the next request comes.
      expect(seen.most).toBeGreaterThan(concurrency / 2)
    },
    patient
  )

  it(
    'has 8 under way where nothing is said',
    async () => {
      const seen = countAtOnce()
      await apply(many(20))
      expect(seen.most).toBeLessThanOrEqual(8)
      expect(seen.most).toBeGreaterThan(4)
    },
    patient
  )

  it(
    'has fewer under way after a 429, and gets everything done',
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
      // What was sent before the first refusal is still under way at first; then there is room for one or two.
      expect(Math.min(...after.slice(16, 60))).toBeLessThanOrEqual(2)
      expect(Math.max(...after.slice(20, 30))).toBeLessThan(16)
    },
    patient
  )

  it.each([0, 51.5, 101, Number.NaN])('refuses --concurrency %d', async value => {
    const { status, stderr } = await apply(many(1), '--concurrency', String(value))
    expect({ status, requests: test.sandbox.requests.length }).toEqual({ status: 2, requests: 0 })
    expect(stderr).toContain('is not a number from 1 to 100')
  })
})
