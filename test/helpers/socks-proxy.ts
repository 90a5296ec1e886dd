import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface SocksProxy {
  /** `socks5://127.0.0.1:<port>` */
  readonly url: string
  /** `host:port` of every requested connection. */
  readonly connections: readonly string[]
  readonly close: () => void
}

/**
 * Starts a SOCKS 5 proxy (RFC 1928) on loopback. It needs no login and connects to every address.
 */
export async function startSocksProxy(): Promise<SocksProxy> {
  const connections: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    sockets.add(client.on('error', () => undefined))
    client.once('data', () => {
      client.write(Buffer.from([5, 0]))
      client.once('data', request => {
        const { host, port } = addressIn(request)
        connections.push(`${host}:${port}`)
        const target = connect(port, host, () => {
          client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
          target.pipe(client).pipe(target)
        })
        sockets.add(target.on('error', () => client.destroy()))
      })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `socks5://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}

/** Returns the address in a CONNECT request: IPv4, or a host name after its length. */
function addressIn(request: Buffer): { host: string; port: number } {
  const [ipv4, name] = [1, 3]
  const kind = request[3]
  if (kind !== ipv4 && kind !== name) throw new Error(`a SOCKS address of kind ${String(kind)} is not supported here`)
  const [start, end] = kind === ipv4 ? [4, 8] : [5, 5 + request[4]!]
  const address = request.subarray(start, end)
  return { host: kind === ipv4 ? address.join('.') : address.toString(), port: request.readUInt16BE(end) }
}
