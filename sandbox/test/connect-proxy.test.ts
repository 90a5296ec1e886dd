import { once } from 'node:events'
import { get, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Intercept, type Sandbox, startSandbox } from '../src/sandbox.js'

const passThrough: Intercept = (_request, _service, next) => next()
let fault = passThrough
let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ cloud: 'AzureUSGovernmentCloud', intercept: (...call) => fault(...call) })
})
afterAll(() => sandbox.close())
beforeEach(() => {
  fault = passThrough
  sandbox.requests.length = 0
})

async function tunnelTo(authority: string): Promise<{ status: number; socket: Socket }> {
  const connecting = request({ ...proxyAddress(), method: 'CONNECT', path: authority, agent: false })
  connecting.end()
  const [response, socket] = (await once(connecting, 'connect')) as [IncomingMessage, Socket]
  return { status: response.statusCode ?? 0, socket }
}

function proxyAddress(): { host: string; port: number } {
  const { hostname, port } = new URL(sandbox.proxyUrl ?? '')
  return { host: hostname, port: Number(port) }
}

/** Returns the first line of the response to a GET through the tunnel, or an empty text if the connection is closed. Verifies the host name. */
async function getThrough(socket: Socket, host: string): Promise<string> {
  const secure = connectTls({ socket, servername: host, ca: sandbox.caPem })
  await once(secure, 'secureConnect')
  secure.write(`GET /v1.0/applications HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of secure as AsyncIterable<Buffer>) text += chunk.toString()
  return text.split('\r\n', 1)[0] ?? ''
}

describe('the proxy', () => {
  it('connects to the listener for the host, which answers under the name of the host', async () => {
    const { status, socket } = await tunnelTo('graph.microsoft.us:443')
    expect(status).toBe(200)
    expect(await getThrough(socket, 'graph.microsoft.us')).toBe('HTTP/1.1 401 Unauthorized')
    expect(sandbox.requests).toMatchObject([
      { service: 'graph', host: 'graph.microsoft.us', path: '/v1.0/applications', status: 401 }
    ])
  })

  it.each([
    'graph.microsoft.com:443',
    'management.azure.com:443',
    'example.com:443',
    'graph.microsoft.us:80',
    'graph.microsoft.us',
    'localhost:443',
    '127.0.0.1:22'
  ])('refuses %s and logs it', async authority => {
    const { status, socket } = await tunnelTo(authority)
    socket.destroy()
    expect(status).toBe(403)
    expect(sandbox.requests).toMatchObject([
      { service: 'proxy', method: 'CONNECT', host: authority.replace(/:\d+$/, ''), path: authority, status: 403 }
    ])
  })

  it('refuses any method but CONNECT', async () => {
    const asked = get({ ...proxyAddress(), path: 'http://example.com/', agent: false })
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.resume()
    expect(response.statusCode).toBe(403)
  })

  it('closes the connection if the listener does', async () => {
    fault = () => Promise.resolve('cut')
    const { socket } = await tunnelTo('graph.microsoft.us:443')
    expect(await getThrough(socket, 'graph.microsoft.us')).toBe('')
    expect(sandbox.requests).toMatchObject([{ service: 'graph', status: 0 }])
  })

  it('listens on 127.0.0.1 and closes open tunnels when the sandbox closes', async () => {
    const other = await startSandbox({ cloud: 'AzureChinaCloud' })
    onTestFinished(() => other.close())
    expect(other.proxyUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const { hostname, port } = new URL(other.proxyUrl ?? '')
    const asked = request({
      host: hostname,
      port,
      method: 'CONNECT',
      path: 'management.chinacloudapi.cn:443',
      agent: false
    })
    asked.end()
    const [, socket] = (await once(asked, 'connect')) as [IncomingMessage, Socket]
    const closed = once(socket.on('error', () => undefined).resume(), 'close')
    await other.close()
    await closed
  })
})
