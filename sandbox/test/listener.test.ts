import { type AddressInfo, createServer } from 'node:net'
import { connect } from 'node:tls'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Intercept, type Sandbox, type SandboxOptions, startSandbox } from '../src/sandbox.js'
import { ask, askToken, operatorForm } from './client.js'

const passThrough: Intercept = (_request, _service, next) => next()
let fault = passThrough
let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ intercept: (...call) => fault(...call) })
})
afterAll(() => sandbox.close())
afterEach(() => {
  fault = passThrough
})

describe('a listener', () => {
  it('logs method, path, query, status and user agent, but no other headers and no bodies', async () => {
    sandbox.requests.length = 0
    const { endpoints } = sandbox.state
    await ask(sandbox, `${endpoints.kubernetes}/api/v1/namespaces?limit=1`, {
      headers: { 'user-agent': 'tester/1', authorization: 'Bearer secret' }
    })
    await askToken(sandbox, operatorForm(sandbox))
    expect(sandbox.requests).toMatchObject([
      {
        service: 'kubernetes',
        host: 'localhost',
        method: 'GET',
        path: '/api/v1/namespaces',
        query: 'limit=1',
        status: 401,
        userAgent: 'tester/1'
      },
      { service: 'entra', method: 'POST', status: 200, audience: 'https://management.azure.com' }
    ])
    const log = JSON.stringify(sandbox.requests)
    expect(log).not.toContain('secret')
    expect(log).not.toContain(sandbox.state.operator.clientSecret)
  })

  it.each([
    ['entra', 'x-ms-request-id'],
    ['graph', 'request-id'],
    ['arm', 'x-ms-correlation-request-id'],
    ['kubernetes', 'audit-id'],
    ['issuer', 'x-ms-request-id']
  ] as const)('of %s answers an unknown path with a 4xx and the header %s', async (service, header) => {
    const answer = await ask(sandbox, `${sandbox.state.endpoints[service]}/no/such/thing`)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.headers[header]).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('answers a path that cannot be decoded with a 404', async () => {
    const answer = await ask(sandbox, `${sandbox.state.endpoints.kubernetes}/api/v1/namespaces/%zz`, {
      headers: { authorization: `Bearer ${sandbox.state.cluster.adminToken}` }
    })
    expect(answer.status).toBe(404)
    expect(answer.json).toMatchObject({ kind: 'Status', reason: 'NotFound' })
  })

  it('refuses a body that is too large, and a host that is not loopback', async () => {
    const { entra } = sandbox.state.endpoints
    await expect(
      ask(sandbox, `${entra}/x`, { method: 'POST', body: Buffer.alloc(1024 * 1024 + 1) })
    ).resolves.toMatchObject({ status: 413 })
    await expect(ask(sandbox, `${entra}/x`, { headers: { host: 'evil.example' } })).resolves.toMatchObject({
      status: 421
    })
  })

  it('listens on loopback only', async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find(each => each?.family === 'IPv4' && !each.internal)
    if (outside === undefined) return
    const socket = connect({ host: outside.address, port: Number(new URL(sandbox.state.endpoints.entra).port) })
    const [error] = (await once(socket, 'error').catch((reason: unknown) => [reason])) as [Error]
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('an intercept', () => {
  it('can answer instead of the service', async () => {
    fault = () => Promise.resolve({ status: 503, headers: { 'retry-after': '1' } })
    const answer = await askToken(sandbox, operatorForm(sandbox))
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
  })

  it('can close the connection after the service has handled the request', async () => {
    sandbox.requests.length = 0
    fault = async (_request, _service, next) => {
      await next()
      return 'cut'
    }
    const url = `${sandbox.state.endpoints.kubernetes}/api/v1/namespaces/default/serviceaccounts`
    const body = { metadata: { name: 'lost' } }
    const headers = { authorization: `Bearer ${sandbox.state.cluster.adminToken}` }
    await expect(ask(sandbox, url, { method: 'POST', headers, body })).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(sandbox.state.cluster.serviceAccounts.has('default/lost')).toBe(true)
    expect(sandbox.requests.at(-1)).toMatchObject({ status: 0 })
  })

  it('gets the service and the request', async () => {
    const intercepted: string[] = []
    fault = (request, service, next) => {
      intercepted.push(`${service} ${request.method} ${request.path}`)
      return next()
    }
    await ask(sandbox, `${sandbox.state.endpoints.issuer}/x`)
    expect(intercepted).toEqual(['issuer GET /x'])
  })
})

/** Starts a sandbox with Graph on a fixed port that was free a moment ago, and on another one if somebody took it since. */
async function startOnFreePort(options: SandboxOptions): Promise<{ sandbox: Sandbox; port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  try {
    const started = await startSandbox({ ...options, ports: { graph: port } })
    onTestFinished(() => started.close())
    return { sandbox: started, port }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return startOnFreePort(options)
    throw error
  }
}

describe('startSandbox', () => {
  it('starts no service if a port is taken', async () => {
    const taken = Number(new URL(sandbox.state.endpoints.arm).port)
    await expect(startSandbox({ ports: { arm: taken } })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('accepts fixed ports and IDs', async () => {
    const tenantId = 'aaaaaaaa-0000-4000-8000-000000000001'
    const other = await startOnFreePort({ tenantId, subscriptionId: tenantId })
    expect(other.sandbox.state.endpoints.graph).toBe(`https://localhost:${other.port}`)
    expect(other.sandbox.state).toMatchObject({ tenantId, subscriptionId: tenantId })
  })
})
