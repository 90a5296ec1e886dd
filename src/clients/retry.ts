import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import type { Log } from '../output/log.js'

/** Answers that say "not now": everything else is final. A 403 is never asked twice. */
const passingStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])
const passingErrorCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'EAI_AGAIN'])

const mostTries = 6
const firstDelay = 500
const longestDelay = 10_000
/** A longer wait than this is not kept in silence by a command-line tool: the answer is handed on as the error that it is. */
const longestRetryAfter = 60_000

export interface RetryClock {
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly log: Log
}

/** How long to wait before try number `attempt` (the first retry is 1), in milliseconds: exponential with full jitter. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(longestDelay, firstDelay * 2 ** attempt))
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110, 10.2.3), or Azure's `retry-after-ms`. Undefined where there is none. */
export function retryAfter(headers: { get(name: string): string | undefined }, now: number): number | undefined {
  const milliseconds = Number(headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms') ?? NaN)
  if (milliseconds >= 0) return milliseconds
  const text = headers.get('retry-after')
  if (text === undefined || text === '') return undefined
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Sends a request again while the answer, or the lack of one, is of the kind that passes. */
export async function sendWithRetries(
  request: PipelineRequest, send: (request: PipelineRequest) => Promise<PipelineResponse>, { sleep, log }: RetryClock
): Promise<PipelineResponse> {
  for (let attempt = 1; ; attempt++) {
    let reason: string
    let wait = backoff(attempt)
    try {
      const response = await send(request)
      if (!passingStatuses.has(response.status) || attempt === mostTries) return response
      const asked = retryAfter(response.headers, Date.now())
      if (asked !== undefined && asked > longestRetryAfter) return response
      wait = asked ?? wait
      reason = `answered ${response.status}`
    } catch (error) {
      const code = networkErrorCode(error)
      if (code === undefined || !passingErrorCodes.has(code) || attempt === mostTries) throw error
      reason = `failed with ${code}`
    }
    log.warn(`${new URL(request.url).host} ${reason}, trying again`, { waitMs: wait, attempt })
    await sleep(wait)
  }
}

/**
 * Repeats an action while it fails in a way that passes by itself: a directory that has not yet heard of what we just made.
 * Gives up after about half a minute, with the last error.
 */
export async function untilReplicated<T>(
  action: () => Promise<T>, passes: (error: unknown) => boolean, waitingFor: string, { sleep, log }: RetryClock
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      if (!passes(error) || attempt === 10) throw error
      const wait = Math.min(5000, firstDelay * attempt)
      log.info(`waiting until ${waitingFor}`, { waitMs: wait })
      await sleep(wait)
    }
  }
}

/** The operating system's code of a failed request, however deeply a library wrapped it. */
export function networkErrorCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = (current as NodeJS.ErrnoException).code
    if (code !== undefined && /^E[A-Z_]+$/.test(code)) return code
  }
  return undefined
}
