import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { SandboxRequest, SandboxResponse, Service } from './http.js'
import { requestIdHeaders } from './request-ids.js'
import { audienceOf, type LoggedRequest } from './request-log.js'
import { dispatch } from './router.js'

/**
 * Is called for a request before its service, to inject a fault. `next` lets the service do its work. The function can
 * return a response without calling `next` (the work is not done), call it and return something else (the work is done,
 * but its response is lost), wait, or cut the connection.
 */
export type Intercept = (
  request: SandboxRequest,
  service: Service['name'],
  next: () => Promise<SandboxResponse>
) => Promise<Outcome>

/** The outcome of a request: a response, or a cut connection. */
export type Outcome = SandboxResponse | 'cut'

/** Options of `listen`. */
export interface ListenerOptions {
  /** The server's certificate and private key, in PEM. */
  readonly certificate: string
  readonly key: string
  /** 0 or absent: any free port. */
  readonly port?: number
  /** Host names that it answers to in addition to localhost. */
  readonly hosts?: readonly string[]
  /** The request log. The listener appends to it. */
  readonly requests: LoggedRequest[]
  /** Is called for every request, with the function that lets the service answer it. */
  readonly intercept: (
    request: SandboxRequest,
    service: Service,
    next: () => Promise<SandboxResponse>
  ) => Promise<Outcome>
  readonly now: () => Date
  readonly uuid: () => string
}

/** A listening service. */
export interface Listener {
  /** `https://localhost:<port>` */
  readonly url: string
  /** Stops listening and closes all connections. */
  close: () => Promise<void>
}

const bodyLimitInBytes = 1024 * 1024
const loopback = ['localhost', '127.0.0.1', '[::1]']

/** Serves a service over TLS on 127.0.0.1. Resolves when it listens. Rejects if the port is in use. */
export async function listen(service: Service, options: ListenerOptions): Promise<Listener> {
  // Longer than clients keep idle connections. Otherwise the server might close a connection just when a client uses it
  // again.
  const server = createServer({ cert: options.certificate, key: options.key, keepAliveTimeout: 120_000 })
  server.on('request', (message, response) => {
    serve(service, message, response, options).catch(() => message.socket.destroy())
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      // `closeAllConnections` does not close connections that are still in their TLS handshake.
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}

async function serve(
  service: Service,
  message: IncomingMessage,
  response: ServerResponse,
  options: ListenerOptions
): Promise<void> {
  const { method = '', url = '/' } = message
  const [path = '/', query = ''] = splitOnce(url, '?')
  const host = (message.headers.host ?? '').toLowerCase()
  const hostname = host.replace(/:\d+$/, '')
  const entry: LoggedRequest = {
    service: service.name,
    host: hostname,
    method,
    path,
    query,
    status: 0,
    at: options.now(),
    userAgent: message.headers['user-agent'],
    audience: undefined
  }
  options.requests.push(entry)
  // Protects against DNS rebinding: a web page can use any name that resolves to loopback, but not these names.
  if (![...loopback, ...(options.hosts ?? [])].includes(hostname)) {
    send(response, entry, { status: 421, body: `This is the azwi sandbox, not ${host}.\n` })
    return
  }
  const body = await readBody(message)
  if (body === undefined) {
    send(response, entry, {
      status: 413,
      headers: { connection: 'close' },
      body: `A body of at most ${bodyLimitInBytes} bytes, please.\n`
    })
    return
  }
  const request: SandboxRequest = {
    method,
    path,
    query: new URLSearchParams(query),
    headers: flatten(message.headers),
    body,
    origin: `https://${host}`
  }
  entry.audience = audienceOf(request)
  const answer = await options.intercept(request, service, () => dispatch(service, request))
  if (answer === 'cut') {
    message.socket.destroy()
    return
  }
  send(response, entry, {
    ...answer,
    headers: { ...requestIdHeaders(service.name, request, options.uuid()), ...answer.headers }
  })
}

function send(response: ServerResponse, entry: LoggedRequest, { status, headers = {}, body }: SandboxResponse): void {
  entry.status = status
  const content = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  response.writeHead(status, {
    ...(content === undefined ? {} : { 'content-type': type }),
    // Node adds a length by itself only where a body is allowed: 204 has none.
    ...(status === 204 || status === 304 ? {} : { 'content-length': String(Buffer.byteLength(content ?? '')) }),
    ...headers
  })
  response.end(content)
}

async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > bodyLimitInBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]]
    )
  )
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}
