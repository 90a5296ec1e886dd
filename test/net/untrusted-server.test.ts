import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline'
import { afterEach, describe, expect, it } from 'vitest'
import { allowUnlistedRequest } from '../../src/net/expected-responses.js'
import { createRunningRequests } from '../../src/net/running-requests.js'
import { createTransport, type TransportOptions } from '../../src/net/transport.js'
import { recordedIo } from '../helpers/recorded-io.js'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listen(listener: RequestListener, port = 0): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function transportTo(kind: TransportOptions['servers'], waits: number[] = []) {
  const { host, log } = recordedIo().io
  return createTransport({
    host,
    log,
    retryBudget: {
      remaining: () => 10_000,
      wait: milliseconds => {
        waits.push(milliseconds)
        return Promise.resolve()
      }
    },
    limiter: { run: work => work(), throttled: () => undefined },
    runningRequests: createRunningRequests(),
    servers: kind
  })
}

const get = (transport: ReturnType<typeof transportTo>, port: number, path = '/'): Promise<PipelineResponse> =>
  transport.sendRequest(
    allowUnlistedRequest(
      createPipelineRequest({ url: `http://127.0.0.1:${port}${path}`, allowInsecureConnection: true })
    )
  )

describe('the transport', () => {
  it.each([301, 302, 307, 308])(
    'refuses a redirect (%i) of a service, and sends nothing to its target',
    async status => {
      let reached = 0
      const other = await listen((_, response) => {
        reached += 1
        response.end('{}')
      })
      const port = await listen((_, response) =>
        response.writeHead(status, { location: `http://127.0.0.1:${other}/` }).end()
      )
      await expect(get(transportTo('services'), port)).rejects.toMatchObject({
        code: 'Redirect',
        message: expect.stringContaining(`127.0.0.1:${other}`) as string
      })
      expect(reached).toBe(0)
    }
  )

  it('reads at most a megabyte of a public document', async () => {
    const port = await listen((_, response) => response.end(Buffer.alloc(3_000_000, ' ')))
    await expect(get(transportTo('public'), port)).rejects.toMatchObject({ code: 'ResponseTooLong' })
    expect((await get(transportTo('services'), port)).status).toBe(200)
  })

  it.each(['0', 'Wed, 21 Oct 2015 07:28:00 GMT', 'soon'])(
    'retries with growing pauses, and not forever, after Retry-After: %s',
    async value => {
      let requests = 0
      const port = await listen((_, response) => {
        requests += 1
        response.writeHead(503, { 'retry-after': value }).end()
      })
      const waits: number[] = []
      expect((await get(transportTo('services', waits), port)).status).toBe(503)
      expect(requests).toBe(8)
      expect(waits).toHaveLength(7)
      expect(Math.max(...waits)).toBeGreaterThan(0)
    }
  )

  it('retries a refused connection only if the server has answered before', async () => {
    const port = await listen((_, response) => response.end('{}'))
    const transport = transportTo('services')
    await get(transport, port)
    const [server] = servers.splice(0)
    await new Promise(resolve => server?.close(resolve))
    let attempts = 0
    const restarting = transport.sendRequest({
      ...createPipelineRequest({ url: `http://127.0.0.1:${port}/`, allowInsecureConnection: true })
    })
    await expect(restarting).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const waits: number[] = []
    await expect(get(transportTo('services', waits), port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    attempts = waits.length
    expect(attempts).toBe(0)
  })
})
