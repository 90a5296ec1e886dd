import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { AzwiError } from '../errors.js'
import type { RetryBudget } from './retry-budget.js'

/** The failures that azwi retries. Every other status is final: azwi never retries a 403. */
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

const maxAttempts = 8
/** For responses with `Retry-After`. The service decides how long to wait, and `--timeout` bounds the total. */
const maxAttemptsWithRetryAfter = 100
/** Milliseconds. */
const initialDelay = 500
const maxDelay = 30_000
const minRequestedDelay = 100
const maxDelayForConsistency = 5000

/** Returns the milliseconds to wait before a retry: exponential backoff with full jitter. The first retry is attempt 1. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(maxDelay, initialDelay * 2 ** attempt))
}

/**
 * Returns the milliseconds that a response asks a client to wait: from `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3),
 * or from Azure's `retry-after-ms`. Returns undefined if the response has no such header.
 *
 * @param now the current time, in milliseconds since 1970
 */
export function retryAfter(headers: { get(name: string): string | undefined }, now: number): number | undefined {
  const milliseconds = [headers.get('retry-after-ms'), headers.get('x-ms-retry-after-ms')].find(
    text => text !== undefined && /^\d{1,12}$/.test(text)
  )
  if (milliseconds !== undefined) return Number(milliseconds)
  const text = headers.get('retry-after')
  if (text === undefined || text === '') return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/**
 * Sends a request, and retries it after a transient failure. Returns the last response, whatever its status. Throws if there is no
 * response, or if the budget is spent.
 *
 * @param answeredHosts the hosts that have answered a request of this command. A refused connection to one of them is transient: it restarts.
 */
export async function sendWithRetries(
  request: PipelineRequest,
  send: (request: PipelineRequest) => Promise<PipelineResponse>,
  retryBudget: RetryBudget,
  answeredHosts: ReadonlySet<string> = new Set()
): Promise<PipelineResponse> {
  const { host } = new URL(request.url)
  for (let attempt = 1; ; attempt++) {
    let reason: string
    let delay = backoff(attempt)
    try {
      const response = await send(request)
      // 0, a date in the past and one millisecond do not say when to retry.
      const requested = retryAfter(response.headers, Date.now()) ?? 0
      const requestedDelay = requested < minRequestedDelay ? undefined : requested
      const limit = requestedDelay === undefined ? maxAttempts : maxAttemptsWithRetryAfter
      if (!transientStatuses.has(response.status) || attempt >= limit) return response
      delay = requestedDelay ?? delay
      reason = `${host} answered ${response.status}`
    } catch (error) {
      const code = networkErrorCode(error)
      const isTransient = transientErrorCodes.has(code ?? '') || (code === 'ECONNREFUSED' && answeredHosts.has(host))
      if (!isTransient || attempt >= maxAttempts) throw error
      reason = `the connection to ${host} failed (${code ?? 'unknown'})`
    }
    await retryBudget.wait(delay, reason)
  }
}

/**
 * Repeats an action while it fails with a transient error: for example because a directory does not show a new object yet, or because
 * another write is in progress. Throws every other error. Throws when the budget is spent.
 *
 * @param reason what azwi waits for, for the log
 */
export async function retryWhile<T>(
  action: () => Promise<T>,
  isTransient: (error: unknown) => boolean,
  reason: string,
  retryBudget: RetryBudget
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      if (!isTransient(error)) throw error
      // Half of the delay is fixed, so that a directory which needs some seconds does not get a dozen requests in the first one.
      const delay = Math.min(maxDelayForConsistency, initialDelay * 2 ** (attempt - 1))
      await retryBudget.wait(Math.round(delay / 2 + (Math.random() * delay) / 2), reason)
    }
  }
}

/** Returns the system's error code of a failed request, such as `ECONNRESET`. Searches the causes, because libraries wrap the error. */
export function networkErrorCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error && !(current instanceof AzwiError); current = current.cause) {
    const code = (current as NodeJS.ErrnoException).code
    if (code !== undefined && (/^E[A-Z_]+$/.test(code) || code === 'REQUEST_TIMEOUT' || code === 'REQUEST_SEND_ERROR'))
      return code
  }
  return undefined
}
