import { describe, expect, it } from 'vitest'
import { createClock } from '../../helpers/clock.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { messages } from '../../helpers/log.js'
import { groupScope, onlyApplication } from '../../helpers/state.js'

const test = useFaultySandbox()

/** Runs create with a clock that skips every wait, and returns the waits. */
async function create(...more: readonly string[]) {
  const clock = { now: 0 }
  const waits: number[] = []
  const outcome = await test.azwi(
    [
      'sa',
      'create',
      '--service-account-name',
      'app',
      '--azure-role',
      'Reader',
      '--azure-scope',
      groupScope(test.sandbox.state),
      ...more
    ],
    {},
    {
      now: () => clock.now,
      sleep: milliseconds => {
        waits.push(milliseconds)
        clock.now += milliseconds
        return Promise.resolve()
      }
    }
  )
  return {
    ...outcome,
    waits,
    waited: clock.now,
    logged: messages(outcome.stderr).filter(text => text.startsWith('waiting '))
  }
}

/** Responds to the first matching requests with a failure. Returns a function that counts the matching requests. */
function failRequests(
  times: number,
  isRequest: (method: string, path: string) => boolean,
  status: number,
  headers: Record<string, string> = {},
  code = 'Fault'
): () => number {
  let requestCount = 0
  test.fault(async (request, _, next) => {
    if (!isRequest(request.method, request.path)) return next()
    return requestCount++ < times ? { status, headers, body: { error: { code, message: 'not now' } } } : next()
  })
  return () => requestCount
}
const isApplicationWrite = (method: string, path: string): boolean =>
  method === 'PATCH' && path.startsWith('/v1.0/applications(')
const isRoleWrite = (method: string, path: string): boolean => method === 'PUT' && path.includes('/roleAssignments/')

describe('--timeout', () => {
  it('ends the command at once if a wait would be longer', async () => {
    const requestCount = failRequests(Infinity, isApplicationWrite, 429, { 'retry-after': '61' })
    const { status, stderr, waits } = await create('--timeout', '1m')
    expect(status).toBe(1)
    expect(waits).toEqual([])
    expect(requestCount()).toBe(1)
    expect(stderr).toMatch(/^Error: .*429.*61s.*--timeout 60s.*\nHint: .*--timeout /m)
  })

  it('allows a wait that is shorter', async () => {
    failRequests(1, isApplicationWrite, 429, { 'retry-after': '50' })
    const { status, stderr, waits } = await create('--timeout', '1m')
    expect(status, stderr).toBe(0)
    expect(waits).toEqual([50_000])
  })

  it('limits the sum of all waits', async () => {
    failRequests(Infinity, isApplicationWrite, 503, { 'retry-after': '25' })
    const { status, waited, waits } = await create('--timeout', '1m')
    expect(status).toBe(1)
    expect(waits).toEqual([25_000, 25_000])
    expect(waited).toBeLessThanOrEqual(60_000)
  })

  it('limits the waits for transient states, and names the state', async () => {
    failRequests(Infinity, isRoleWrite, 400, {}, 'PrincipalNotFound')
    const { status, stderr, waited, waits } = await create('--timeout', '90s')
    expect(status).toBe(1)
    expect(waited).toBeLessThanOrEqual(90_000)
    expect(waited).toBeGreaterThan(60_000)
    expect(waits.length).toBeGreaterThan(5)
    expect(stderr).toMatch(/^Error: Azure does not know the principal or the role yet.*--timeout 90s/m)
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
  })

  it('is five minutes by default', async () => {
    failRequests(Infinity, isApplicationWrite, 429, { 'retry-after': '301' })
    expect((await create()).stderr).toContain('--timeout 300s')
  })

  it('overrides a Retry-After that is a date', async () => {
    failRequests(Infinity, isApplicationWrite, 503, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() })
    const { status, waits } = await create()
    expect(status).toBe(1)
    expect(waits).toEqual([])
  })

  it('ends a request that has no response in time', async () => {
    const clock = createClock()
    test.fault(async (request, _, next) => {
      if (isApplicationWrite(request.method, request.path)) await clock.hold(6000)
      return next()
    })
    const words = ['sa', 'create', '--service-account-name', 'app', '--timeout', '2s']
    const { status } = await test.azwi(words, {}, { clock })
    expect(status).toBe(1)
    expect(clock.now()).toBe(2000)
  })
})

describe('a wait', () => {
  it('is logged once, with its reason and its length', async () => {
    failRequests(2, isApplicationWrite, 503, { 'retry-after': '4' })
    const { logged, waits } = await create()
    expect(waits).toEqual([4000, 4000])
    expect(logged).toEqual(
      Array(2).fill(`waiting 4s: ${new URL(test.sandbox.state.endpoints.graph).host} answered 503`)
    )
  })

  it('grows without Retry-After, with jitter', async () => {
    failRequests(6, isApplicationWrite, 500)
    const { status, waits, logged } = await create()
    expect(status).toBe(0)
    expect(logged).toHaveLength(waits.length)
    waits.forEach((wait, index) => {
      expect(wait).toBeLessThanOrEqual(500 * 2 ** (index + 1))
    })
    expect(new Set(waits).size).toBeGreaterThan(1)
  })

  it('follows a Retry-After that is a date', async () => {
    failRequests(1, isApplicationWrite, 429, { 'retry-after': new Date(Date.now() + 20_000).toUTCString() })
    const { status, waits } = await create()
    expect(status).toBe(0)
    expect(waits).toHaveLength(1)
    expect(waits[0]).toBeGreaterThan(15_000)
    expect(waits[0]).toBeLessThanOrEqual(20_000)
  })
})
