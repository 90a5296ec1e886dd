import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface TestProxy {
  readonly url: string
  /** `host:port` of every requested tunnel. */
  readonly tunnels: string[]
  /** The decoded `Proxy-Authorization` of each request. */
  readonly logins: (string | undefined)[]
  readonly close: () => Promise<void>
}

/** Starts an HTTP proxy on loopback. It allows every tunnel, or refuses every one with the given status. */
export async function startProxy(refuseWith?: number): Promise<TestProxy> {
  const tunnels: string[] = []
  const logins: (string | undefined)[] = []
  const sockets = new Set<Socket>()
  const server = createServer((_request, response) => {
    response.writeHead(405).end()
  })
  server.on('connection', socket => {
    sockets.add(socket)
  })
  server.on('connect', (request, client: Socket) => {
    const authority = request.url ?? ''
    const login = request.headers['proxy-authorization']?.replace(/^Basic /, '')
    tunnels.push(authority)
    logins.push(login === undefined ? undefined : Buffer.from(login, 'base64').toString())
    client.on('error', () => undefined)
    if (refuseWith !== undefined) {
      client.end(`HTTP/1.1 ${refuseWith} Refused\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const { hostname, port } = new URL(`http://${authority}`)
    const target = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    sockets.add(target)
    target.on('error', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    logins,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}
