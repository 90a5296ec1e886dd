import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { AzwiError } from '../errors.js'
import type { RetryBudget } from './retry-budget.js'

/** Answers that say "not now": everything else is final. A 403 is never asked twice. */
const transientStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])
const transientErrorCodes: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'EAI_AGAIN',
  'REQUEST_TIMEOUT'
])

const mostTries = 8
/** Of requests that a service asks to send again later: it knows best, and `--timeout` bounds it. */
const mostTriesWhenAsked = 100
const firstDelay = 500
const longestDelay = 30_000

/** How long to wait before try number `attempt` (the first retry is 1), in milliseconds: exponential with full jitter. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(longestDelay, firstDelay * 2 ** attempt))
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110, 10.2.3), or Azure's `retry-after-ms`. Undefined where there is none. */
export function retryAfter(headers: { get(name: string): string | undefined }, now: number): number | undefined {
  const milliseconds = [headers.get('retry-after-ms'), headers.get('x-ms-retry-after-ms')].find(
    text => text !== undefined && /^\d+$/.test(text)
  )
  if (milliseconds !== undefined) return Number(milliseconds)
  const text = headers.get('retry-after')
  if (text === undefined || text === '') return undefined
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Sends a request again while the answer, or the lack of one, is of the kind that passes. */
export async function sendWithRetries(
  request: PipelineRequest,
  send: (request: PipelineRequest) => Promise<PipelineResponse>,
  retryBudget: RetryBudget
): Promise<PipelineResponse> {
  const { host } = new URL(request.url)
  for (let attempt = 1; ; attempt++) {
    let reason: string
    let wait = backoff(attempt)
    try {
      const response = await send(request)
      const asked = retryAfter(response.headers, Date.now())
      if (!transientStatuses.has(response.status) || attempt >= (asked === undefined ? mostTries : mostTriesWhenAsked))
        return response
      wait = asked ?? wait
      reason = `${host} answered ${response.status}`
    } catch (error) {
      const code = networkErrorCode(error)
      if (code === undefined || !transientErrorCodes.has(code) || attempt >= mostTries) throw error
      reason = `the connection to ${host} failed (${code})`
    }
    await retryBudget.wait(wait, reason)
  }
}

/**
 * Repeats an action while it fails in a way that passes by itself: a directory that has not yet heard of what we just made, a write that
 * another one stands in the way of.
 */
export async function retryWhile<T>(
  action: () => Promise<T>,
  passes: (error: unknown) => boolean,
  waitingFor: string,
  retryBudget: RetryBudget
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      if (!passes(error)) throw error
      // Half of the delay is fixed: a directory that needs some seconds should not be asked a dozen times in the first.
      const delay = Math.min(5000, firstDelay * 2 ** (attempt - 1))
      await retryBudget.wait(Math.round(delay / 2 + (Math.random() * delay) / 2), waitingFor)
    }
  }
}

/** The operating system's code of a failed request, however deeply a library wrapped it. */
export function networkErrorCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error && !(current instanceof AzwiError); current = current.cause) {
    const code = (current as NodeJS.ErrnoException).code
    if (code !== undefined && (/^E[A-Z_]+$/.test(code) || code === 'REQUEST_TIMEOUT' || code === 'REQUEST_SEND_ERROR'))
      return code
  }
  return undefined
}
