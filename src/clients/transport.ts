import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { createDefaultHttpClient, type HttpClient, type PipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline'
import type { Host } from '../output/io.js'
import type { Log } from '../output/log.js'
import { proxyAgents } from './proxy.js'
import { sendWithRetries } from './retry.js'

export interface TransportOptions {
  readonly host: Host
  readonly log: Log
}

/**
 * The one way out to the network: Entra, Graph, ARM and Kubernetes all go through it, so that retries, `--debug` and trust are decided
 * once. `--debug` shows method, host, path, status, request id and time; never a header or a body, since those hold tokens.
 */
export function createTransport({ host, log }: TransportOptions): HttpClient {
  const http = createDefaultHttpClient()
  const ca = extraCertificates(host)
  const agentFor = proxyAgents(ca)
  const send = async (request: PipelineRequest): Promise<PipelineResponse> => {
    const agent = agentFor(request.url)
    if (agent !== undefined) request.agent = agent
    else if (ca !== undefined) request.tlsSettings = { ca }
    const started = host.now()
    try {
      const response = await http.sendRequest(request)
      logExchange(log, request, host.now() - started, response)
      return response
    } catch (error) {
      log.debug(`${request.method} ${withoutQuery(request.url)}`, { error: (error as Error).message, ms: Math.round(host.now() - started) })
      throw error
    }
  }
  return { sendRequest: request => sendWithRetries(request, send, { sleep: host.sleep, log }) }
}

const requestIdHeaders = ['x-ms-request-id', 'request-id', 'audit-id']

function logExchange(log: Log, request: PipelineRequest, milliseconds: number, response: PipelineResponse): void {
  const requestId = requestIdHeaders.map(name => response.headers.get(name)).find(id => id !== undefined)
  log.debug(`${request.method} ${withoutQuery(request.url)}`, { status: response.status, ms: Math.round(milliseconds), requestId })
}

function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? url
}

/**
 * Node reads `NODE_EXTRA_CA_CERTS` when a process starts, from that process's environment. A host with an environment of its own
 * (a test, an embedding program) is given the same promise here.
 */
function extraCertificates(host: Host): string[] | undefined {
  const path = host.environment.NODE_EXTRA_CA_CERTS
  if (path === undefined || path === '' || path === process.env.NODE_EXTRA_CA_CERTS) return undefined
  return [...rootCertificates, readFileSync(path, 'utf8')]
}
