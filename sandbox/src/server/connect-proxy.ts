import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { LoggedRequest } from './request-log.js'

/** Options of `startConnectProxy`. */
export interface ConnectProxyOptions {
  /** Maps a host name to the port on 127.0.0.1 that replaces its port 443. */
  readonly targets: ReadonlyMap<string, number>
  /** The request log. The proxy appends the requests that it refuses. */
  readonly requests: LoggedRequest[]
  readonly now: () => Date
}

/** A running proxy. */
export interface ConnectProxy {
  /** `http://127.0.0.1:<port>`, for `HTTPS_PROXY`. */
  readonly url: string
  /** Stops listening and closes all connections. */
  close: () => Promise<void>
}

/**
 * Starts an HTTP proxy on loopback. It forwards CONNECT requests for the host names of a cloud to the services of the
 * sandbox, and answers 403 to everything else. So a client that knows only the real addresses works unchanged, and
 * cannot connect to the real cloud.
 */
export async function startConnectProxy({ targets, requests, now }: ConnectProxyOptions): Promise<ConnectProxy> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('close', () => sockets.delete(socket))
  }
  const refuse = (method: string, authority: string, userAgent: string | undefined): string => {
    const host = authority.replace(/:\d+$/, '')
    requests.push({
      service: 'proxy',
      host,
      method,
      path: authority,
      query: '',
      status: 403,
      at: now(),
      userAgent,
      audience: undefined
    })
    return `The azwi sandbox leads to ${[...targets.keys()].join(', ')} on port 443, and not to ${authority}.\n`
  }
  const server = createServer((request, response) => {
    response
      .writeHead(403, { 'content-type': 'text/plain' })
      .end(refuse(request.method ?? '', request.url ?? '', request.headers['user-agent']))
  })
  server.on('connection', keep)
  server.on('connect', (request, client: Socket, head) => {
    // A client that closes the connection early is not an error.
    client.on('error', () => client.destroy())
    const authority = (request.url ?? '').toLowerCase()
    const port = authority.endsWith(':443') ? targets.get(authority.slice(0, -':443'.length)) : undefined
    if (port === undefined) {
      const body = refuse('CONNECT', authority, request.headers['user-agent'])
      client.end(
        `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
      )
      return
    }
    tunnel(client, keep(connect(port, '127.0.0.1')), head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}

/**
 * Connects the two sockets. When one of them closes or fails, closes the other one, so that a connection cut by a fault
 * is cut for the client too.
 */
function tunnel(client: Socket, listener: Socket, head: Buffer): void {
  listener.on('connect', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    listener.write(head)
    client.pipe(listener).pipe(client)
  })
  listener.on('error', () => client.destroy())
  listener.on('close', () => client.destroy())
  client.on('close', () => listener.destroy())
}
