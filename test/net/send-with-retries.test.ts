import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline'
import { describe, expect, it } from 'vitest'
import { backoff, retryWhile, sendWithRetries } from '../../src/net/retry.js'
import type { RetryBudget } from '../../src/net/retry-budget.js'

interface Wait {
  readonly milliseconds: number
  readonly reason: string
}

/** Records the waits. Allows a number of them, and then reports a spent budget. */
function recordedBudget(allowed = Infinity) {
  const waits: Wait[] = []
  const budget: RetryBudget = {
    remaining: () => 60_000,
    wait: (milliseconds, reason) => {
      if (waits.length >= allowed) return Promise.reject(new Error('the budget is spent'))
      waits.push({ milliseconds, reason })
      return Promise.resolve()
    }
  }
  return { budget, waits }
}

type Answer = number | Error | { readonly status: number; readonly headers: Record<string, string> }

/** Sends a request to a service that gives these answers in turn, and the last one from then on. */
async function send(answers: readonly Answer[], allowed?: number) {
  const { budget, waits } = recordedBudget(allowed)
  let attempts = 0
  const result = await sendWithRetries(
    createPipelineRequest({ url: 'https://graph.example/v1.0/applications?secret' }),
    request => {
      const answer = answers[Math.min(attempts++, answers.length - 1)]
      if (answer instanceof Error) return Promise.reject(answer)
      const { status, headers } = typeof answer === 'object' ? answer : { status: answer ?? 0, headers: {} }
      return Promise.resolve({ request, status, headers: createHttpHeaders(headers) })
    },
    budget
  ).then(
    response => response.status,
    (error: unknown) => error as Error
  )
  return { result, attempts, waits }
}
const failed = (code: string): Error => Object.assign(new Error(`failed: ${code}`), { code })

describe('a request', () => {
  it.each([408, 429, 500, 502, 503, 504])('is sent again after %i', async status => {
    const { result, attempts, waits } = await send([status, 200])
    expect(result).toBe(200)
    expect(attempts).toBe(2)
    expect(waits.map(({ reason }) => reason)).toEqual([`graph.example answered ${status}`])
  })

  it.each([200, 201, 204, 400, 401, 403, 404, 409, 410, 412, 422, 501, 505])(
    'is sent once if the answer is %i',
    async status => {
      expect(await send([status, 200])).toEqual({ result: status, attempts: 1, waits: [] })
    }
  )

  it.each(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'EAI_AGAIN', 'REQUEST_TIMEOUT'])(
    'is sent again after %s',
    async code => {
      const { result, attempts, waits } = await send([failed(code), 200])
      expect(result).toBe(200)
      expect(attempts).toBe(2)
      expect(waits.map(({ reason }) => reason)).toEqual([`the connection to graph.example failed (${code})`])
    }
  )

  it.each([
    failed('ECONNREFUSED'),
    failed('ENOTFOUND'),
    failed('EPROXY'),
    failed('CERT_HAS_EXPIRED'),
    new Error('bug')
  ])('is sent once if it fails with %s', async error => {
    expect(await send([error, 200])).toEqual({ result: error, attempts: 1, waits: [] })
  })

  it('is sent eight times at most, and then the last answer counts', async () => {
    expect(await send([503])).toMatchObject({ result: 503, attempts: 8 })
    expect(await send([failed('ECONNRESET')])).toMatchObject({
      result: { message: 'failed: ECONNRESET' },
      attempts: 8
    })
  })

  it('is sent a hundred times at most if the service asks for each wait', async () => {
    const answer = { status: 429, headers: { 'retry-after': '1' } }
    const { result, attempts, waits } = await send([answer])
    expect(result).toBe(429)
    expect(attempts).toBe(100)
    expect(new Set(waits.map(({ milliseconds }) => milliseconds))).toEqual(new Set([1000]))
  })

  it.each([
    ['retry-after', '0'],
    ['retry-after', '-5'],
    ['retry-after', '1.5'],
    ['retry-after', 'soon'],
    ['retry-after', '120s'],
    ['retry-after', '9'.repeat(400)],
    ['retry-after', new Date(0).toUTCString()],
    ['retry-after', new Date().toUTCString()],
    ['retry-after-ms', '0'],
    ['retry-after-ms', '1'],
    ['x-ms-retry-after-ms', '99'],
    ['retry-after-ms', '-1']
  ])('is sent eight times at most, with growing waits, if %s is %s', async (name, value) => {
    const { attempts, waits } = await send([{ status: 429, headers: { [name]: value } }])
    expect(attempts).toBe(8)
    waits.forEach(({ milliseconds }, index) => {
      expect(milliseconds).toBeLessThanOrEqual(Math.min(30_000, 1000 * 2 ** index))
    })
  })

  it('waits longer before each attempt, up to half a minute', async () => {
    const { waits } = await send([503])
    expect(waits).toHaveLength(7)
    waits.forEach(({ milliseconds }, index) => {
      expect(milliseconds).toBeGreaterThanOrEqual(0)
      expect(milliseconds).toBeLessThanOrEqual(Math.min(30_000, 1000 * 2 ** index))
    })
  })

  it('fails when the budget is spent', async () => {
    expect(await send([503, 200], 0)).toMatchObject({ result: { message: 'the budget is spent' }, attempts: 1 })
  })
})

describe('backoff', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [5, 16_000],
    [6, 30_000],
    [60, 30_000]
  ])('of attempt %i is at most %i ms, and any part of that', (attempt, maximum) => {
    expect(backoff(attempt, () => 1)).toBe(maximum)
    expect(backoff(attempt, () => 0.5)).toBe(maximum / 2)
    expect(backoff(attempt, () => 0)).toBe(0)
  })
})

describe('an action that is repeated', () => {
  const isTransient = (error: unknown): boolean => (error as Error).message === 'not yet'
  /** Fails a number of times and then returns the number of attempts. */
  const failing = (times: number, message: string) => {
    let attempts = 0
    return () => (attempts++ < times ? Promise.reject(new Error(message)) : Promise.resolve(attempts))
  }

  it('is repeated while its error is transient, for up to five seconds each time, half of it fixed', async () => {
    const { budget, waits } = recordedBudget()
    expect(await retryWhile(failing(7, 'not yet'), isTransient, 'the directory has to catch up', budget)).toBe(8)
    expect(new Set(waits.map(({ reason }) => reason))).toEqual(new Set(['the directory has to catch up']))
    const longest = [500, 1000, 2000, 4000, 5000, 5000, 5000]
    expect(waits).toHaveLength(longest.length)
    waits.forEach(({ milliseconds }, index) => {
      expect(milliseconds).toBeGreaterThanOrEqual(longest[index]! / 2)
      expect(milliseconds).toBeLessThanOrEqual(longest[index]!)
    })
  })

  it('is not repeated after another error', async () => {
    const { budget, waits } = recordedBudget()
    await expect(retryWhile(failing(1, 'forbidden'), isTransient, 'reason', budget)).rejects.toThrow('forbidden')
    expect(waits).toEqual([])
  })

  it('fails when the budget is spent', async () => {
    const { budget } = recordedBudget(2)
    await expect(retryWhile(failing(9, 'not yet'), isTransient, 'reason', budget)).rejects.toThrow(
      'the budget is spent'
    )
  })
})
