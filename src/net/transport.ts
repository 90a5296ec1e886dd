import { setMaxListeners } from 'node:events'
import { Agent } from 'node:https'
import {
  createDefaultHttpClient,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError
} from '@azure/core-rest-pipeline'
import { AzwiError, InterruptedError } from '../errors.js'
import type { Host } from '../host.js'
import type { Log } from '../terminal/log.js'
import { refuseUnexpectedResponse } from './expected-responses.js'
import type { Limiter } from './limiter.js'
import { proxyAgents } from './proxy.js'
import type { RetryBudget } from './retry-budget.js'
import { retryAfter, sendWithRetries } from './retry.js'
import type { RunningRequests } from './running-requests.js'
import { extraTrust } from './trust.js'

/** What a transport depends on. */
export interface TransportOptions {
  readonly host: Host
  readonly log: Log
  readonly retryBudget: RetryBudget
  readonly limiter: Limiter
  readonly runningRequests: RunningRequests
  /** Whether the requests go to the services of azwi, whose answers are known, or to a server of anybody. */
  readonly servers: 'services' | 'public'
}

/** Milliseconds, as all durations here. A request that takes longer has lost its connection. */
const requestTimeout = 30_000
/** Requests that wait for the same `Retry-After` resume at random times within this span. */
const maxResumeJitter = 500
/** In bytes. The longest list that a service sends in one page is far smaller. */
const maxServiceBody = 50_000_000
/** In bytes. A discovery document or a key set has a few kilobytes. */
const maxPublicBody = 1_000_000
/** How long a write may still run after an interruption. */
const writeGracePeriod = 10_000

/**
 * Creates the HTTP client for all requests, to Entra, Graph, Azure Resource Manager and Kubernetes alike. It retries, limits concurrency,
 * sets time-outs, handles interruptions, and applies the proxy and trust settings. `--debug` logs method, host, path, status, request ID
 * and time. It never logs a header or a body, because those hold tokens.
 */
export function createTransport({
  host,
  log,
  retryBudget,
  limiter,
  runningRequests,
  servers
}: TransportOptions): HttpClient {
  const { ended } = runningRequests
  // Every running request listens to both signals. Node would report more than ten listeners as a leak, on stderr.
  setMaxListeners(0, host.interruption, ended)
  const http = createDefaultHttpClient()
  const maxBody = servers === 'public' ? maxPublicBody : maxServiceBody
  const answeredHosts = new Set<string>()
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
      const response = await withTimeout(request, timeout, host, ended, () => sendLimited(request, maxBody, http))
      answeredHosts.add(new URL(request.url).host)
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
  const sendAndCheck = async (request: PipelineRequest): Promise<PipelineResponse> => {
    const response = await sendWithRetries(request, sendWithinLimits, retryBudget, answeredHosts)
    if (servers === 'services') {
      refuseRedirect(request, response)
      refuseUnexpectedResponse(request, response)
    }
    return response
  }
  return { sendRequest: request => runningRequests.add(sendAndCheck(request)) }
}

/** Sends a request and reads the body. Throws an AzwiError as soon as the body is longer than allowed. */
async function sendLimited(request: PipelineRequest, maxBytes: number, http: HttpClient): Promise<PipelineResponse> {
  request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY])
  const { readableStreamBody, ...response } = await http.sendRequest(request)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of (readableStreamBody ?? []) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) {
      const message = `${new URL(request.url).host} answers with more than ${maxBytes / 1_000_000} MB`
      throw new AzwiError('ResponseTooLong', message, { hint: 'a proxy or a sign-in page may answer in its place' })
    }
    chunks.push(chunk)
  }
  return { ...response, bodyAsText: Buffer.concat(chunks).toString('utf8') }
}

/** Throws an AzwiError for a redirect. No service of azwi redirects, and a redirected request would take its token or its secret along. */
function refuseRedirect(request: PipelineRequest, { status, headers }: PipelineResponse): void {
  if (status < 300 || status > 399 || status === 304) return
  const { host } = new URL(request.url)
  const location = headers.get('location')
  const target =
    location !== undefined && URL.canParse(location, request.url) ? ` to ${new URL(location, request.url).host}` : ''
  throw new AzwiError(
    'Redirect',
    `${host} redirects${target} (${status}), which the service does not do: nothing was sent there`,
    {
      hint: 'a proxy or a sign-in page may answer in its place: check HTTPS_PROXY, NO_PROXY and the network'
    }
  )
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
