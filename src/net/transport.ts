import { setMaxListeners } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { createSecureContext, type SecureContext } from 'node:tls'
import {
  createDefaultHttpClient,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError
} from '@azure/core-rest-pipeline'
import { InterruptedError } from '../errors.js'
import type { Host } from '../terminal/io.js'
import type { Log } from '../terminal/log.js'
import type { Limiter } from './limiter.js'
import type { RetryBudget } from './retry-budget.js'
import { proxyAgents } from './proxy.js'
import { retryAfter, sendWithRetries } from './retry.js'

export interface TransportOptions {
  readonly host: Host
  readonly log: Log
  readonly retryBudget: RetryBudget
  readonly limiter: Limiter
  /** Aborted when the command has ended: what is still under way then is of no more use. */
  readonly ended: AbortSignal
}

/** No service here takes longer over one request; a longer silence is a connection that has died. */
const longestRequest = 30_000
/** Over so many milliseconds those are spread that have waited for a service together. */
const spread = 500
/** How long a running write is awaited after an interruption. */
const grace = 10_000

/**
 * The one way out to the network: Entra, Graph, ARM and Kubernetes all go through it, so that retries, time-outs, interruption, `--debug`
 * and trust are decided once. `--debug` shows method, host, path, status, request id and time; never a header or a body, since those hold
 * tokens.
 */
export function createTransport({ host, log, retryBudget, limiter, ended }: TransportOptions): HttpClient {
  // As many requests as are under way listen to each; Node would take more than ten for a leak, and say so on stderr.
  setMaxListeners(0, host.interruption, ended)
  const http = createDefaultHttpClient()
  const secureContext = extraTrust(host)
  const direct = secureContext === undefined ? undefined : new Agent({ keepAlive: true, secureContext })
  const agentFor = proxyAgents(secureContext)
  const send = async (request: PipelineRequest): Promise<PipelineResponse> => {
    if (host.interruption.aborted) throw new InterruptedError(host.interruption)
    ended.throwIfAborted()
    const agent = agentFor(request.url) ?? (request.url.startsWith('https:') ? direct : undefined)
    // The SDKs' pipelines have already put in an agent by their own reading of NO_PROXY.
    delete request.agent
    if (agent !== undefined) request.agent = agent
    const started = host.now()
    const line = `${request.method} ${withoutQuery(request.url)}`
    try {
      const response = await withinTime(
        request,
        Math.max(1, Math.min(longestRequest, retryBudget.left())),
        host.interruption,
        ended,
        () => http.sendRequest(request)
      )
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
  // Until when a service wants to hear nothing: what else is waiting for its turn would only be refused as well.
  const closedUntil = new Map<string, number>()
  const sendInTurn = (request: PipelineRequest): Promise<PipelineResponse> =>
    limiter.run(async () => {
      const { host: service } = new URL(request.url)
      const closedFor = (closedUntil.get(service) ?? 0) - host.now()
      // Not all in the same millisecond.
      if (closedFor > 0) await host.sleep(closedFor + Math.random() * spread, host.interruption).catch(() => undefined)
      const response = await send(request)
      if (response.status !== 429) return response
      limiter.throttled()
      const asked = retryAfter(response.headers, Date.now()) ?? 0
      if (asked <= retryBudget.left()) closedUntil.set(service, host.now() + asked)
      return response
    })
  return { sendRequest: request => sendWithRetries(request, sendInTurn, retryBudget) }
}

/** Ends a request that takes too long; on an interruption a read at once, and a write after a while in which it may still be answered. */
async function withinTime(
  request: PipelineRequest,
  milliseconds: number,
  interruption: AbortSignal,
  closed: AbortSignal,
  send: () => Promise<PipelineResponse>
): Promise<PipelineResponse> {
  const ended = new AbortController()
  const timeout = setTimeout(() => {
    ended.abort()
  }, milliseconds)
  let graceTimer: NodeJS.Timeout | undefined
  const interrupted = (): void => {
    graceTimer = setTimeout(
      () => {
        ended.abort()
      },
      changesNothing(request) ? 0 : grace
    )
  }
  interruption.addEventListener('abort', interrupted, { once: true })
  request.abortSignal = AbortSignal.any([ended.signal, closed])
  try {
    return await send()
  } catch (error) {
    if (!ended.signal.aborted) throw error
    if (interruption.aborted) throw new InterruptedError(interruption, error)
    throw new RestError(`no answer within ${milliseconds / 1000} s`, { code: 'REQUEST_TIMEOUT', request })
  } finally {
    clearTimeout(timeout)
    clearTimeout(graceTimer)
    interruption.removeEventListener('abort', interrupted)
  }
}

/** Reads; and the forms that are posted to Entra for a token. */
function changesNothing({ method, headers }: PipelineRequest): boolean {
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

/**
 * Node reads `NODE_EXTRA_CA_CERTS` when a process starts, from that process's environment. A host with an environment of its own
 * (a test, an embedding program) is given the same promise here. The file is added to Node's own store, which is parsed once a process:
 * a `ca` of all the roots and one more would be parsed anew for every connection, which takes longer than all else that a command does.
 */
function extraTrust(host: Host): SecureContext | undefined {
  const path = host.environment.NODE_EXTRA_CA_CERTS
  if (path === undefined || path === '' || path === process.env.NODE_EXTRA_CA_CERTS) return undefined
  const secureContext = createSecureContext()
  const store = secureContext.context as { addCACert: (pem: string) => void }
  store.addCACert(readFileSync(path, 'utf8'))
  return secureContext
}
