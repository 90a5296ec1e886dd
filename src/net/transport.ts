import { setMaxListeners } from 'node:events'
import { Agent } from 'node:https'
import {
  createDefaultHttpClient,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError
} from '@azure/core-rest-pipeline'
import { InterruptedError } from '../errors.js'
import type { Host } from '../host.js'
import type { Log } from '../terminal/log.js'
import type { Limiter } from './limiter.js'
import { proxyAgents } from './proxy.js'
import type { RetryBudget } from './retry-budget.js'
import { retryAfter, sendWithRetries } from './retry.js'
import type { RunningRequests } from './running-requests.js'
import { extraTrust } from './trust.js'

/** What a transport depends on. */
interface TransportOptions {
  readonly host: Host
  readonly log: Log
  readonly retryBudget: RetryBudget
  readonly limiter: Limiter
  readonly runningRequests: RunningRequests
}

/** Milliseconds, as all durations here. A request that takes longer has lost its connection. */
const requestTimeout = 30_000
/** Requests that wait for the same `Retry-After` resume at random times within this span. */
const maxResumeJitter = 500
/** How long a write may still run after an interruption. */
const writeGracePeriod = 10_000

/**
 * Creates the HTTP client for all requests, to Entra, Graph, Azure Resource Manager and Kubernetes alike. It retries, limits concurrency,
 * sets time-outs, handles interruptions, and applies the proxy and trust settings. `--debug` logs method, host, path, status, request ID
 * and time. It never logs a header or a body, because those hold tokens.
 */
export function createTransport({ host, log, retryBudget, limiter, runningRequests }: TransportOptions): HttpClient {
  const { ended } = runningRequests
  // Every running request listens to both signals. Node would report more than ten listeners as a leak, on stderr.
  setMaxListeners(0, host.interruption, ended)
  const http = createDefaultHttpClient()
  const secureContext = extraTrust(host)
  const directAgent = secureContext === undefined ? undefined : new Agent({ keepAlive: true, secureContext })
  const proxyAgentFor = proxyAgents(secureContext)
  const send = async (request: PipelineRequest): Promise<PipelineResponse> => {
    if (host.interruption.aborted) throw new InterruptedError(host.interruption)
    ended.throwIfAborted()
    const agent = proxyAgentFor(request.url) ?? (request.url.startsWith('https:') ? directAgent : undefined)
    // The SDKs' pipelines have set an agent from their own reading of NO_PROXY.
    delete request.agent
    if (agent !== undefined) request.agent = agent
    const started = host.now()
    const line = `${request.method} ${withoutQuery(request.url)}`
    try {
      const timeout = Math.max(1, Math.min(requestTimeout, retryBudget.remaining()))
      const response = await withTimeout(request, timeout, host, ended, () => http.sendRequest(request))
      log.debug(line, {
        status: response.status,
        ms: Math.round(host.now() - started),
        requestId: requestIdOf(response)
      })
      return response
    } catch (error) {
      log.debug(line, { error: (error as Error).message, ms: Math.round(host.now() - started) })
      throw error
    }
  }
  const stopped = AbortSignal.any([host.interruption, ended])
  // When each service accepts requests again after a 429. Other requests to it wait too, because it would refuse them as well.
  const pausedUntil = new Map<string, number>()
  const sendWithinLimits = (request: PipelineRequest): Promise<PipelineResponse> =>
    limiter.run(async () => {
      const { host: service } = new URL(request.url)
      const pause = (pausedUntil.get(service) ?? 0) - host.now()
      if (pause > 0) await host.sleep(pause + Math.random() * maxResumeJitter, stopped).catch(() => undefined)
      const response = await send(request)
      if (response.status !== 429) return response
      limiter.throttled()
      const requestedDelay = retryAfter(response.headers, Date.now()) ?? 0
      if (requestedDelay <= retryBudget.remaining()) pausedUntil.set(service, host.now() + requestedDelay)
      return response
    })
  return { sendRequest: request => runningRequests.add(sendWithRetries(request, sendWithinLimits, retryBudget)) }
}

/** Cancels a request after a time-out. After an interruption, cancels a read at once and a write after the grace period. */
async function withTimeout(
  request: PipelineRequest,
  milliseconds: number,
  { interruption, schedule }: Pick<Host, 'interruption' | 'schedule'>,
  ended: AbortSignal,
  send: () => Promise<PipelineResponse>
): Promise<PipelineResponse> {
  const cancellation = new AbortController()
  const cancel = (): void => {
    cancellation.abort()
  }
  let stopTimer = schedule(milliseconds, cancel)
  const interrupt = (): void => {
    stopTimer()
    stopTimer = schedule(isRead(request) ? 0 : writeGracePeriod, cancel)
  }
  interruption.addEventListener('abort', interrupt, { once: true })
  request.abortSignal = AbortSignal.any([cancellation.signal, ended])
  try {
    return await send()
  } catch (error) {
    if (!cancellation.signal.aborted) throw error
    if (interruption.aborted) throw new InterruptedError(interruption, error)
    throw new RestError(`no answer within ${milliseconds / 1000} s`, { code: 'REQUEST_TIMEOUT', request })
  } finally {
    stopTimer()
    interruption.removeEventListener('abort', interrupt)
  }
}

/** Reports whether a request changes nothing. A token request to Entra is a POST with a form, and changes nothing either. */
function isRead({ method, headers }: PipelineRequest): boolean {
  return method === 'GET' || headers.get('content-type')?.includes('x-www-form-urlencoded') === true
}

function requestIdOf(response: PipelineResponse): string | undefined {
  return ['x-ms-request-id', 'request-id', 'audit-id']
    .map(name => response.headers.get(name))
    .find(id => id !== undefined)
}

function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? url
}
