import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPipelineRequest } from '@azure/core-rest-pipeline'
import { afterEach, describe, expect, it } from 'vitest'
import type { Limiter } from '../../src/net/limiter.js'
import { createRunningRequests } from '../../src/net/running-requests.js'
import { allowUnlistedRequest } from '../../src/net/expected-responses.js'
import { createTransport } from '../../src/net/transport.js'
import { recordedIo } from '../helpers/recorded-io.js'

let server: Server | undefined
afterEach(() => {
  server?.close()
})

/** Sends one request to a service that answers with these statuses in order. Returns how often the limiter was throttled. */
async function throttledBy(...statuses: readonly number[]): Promise<number> {
  const remaining = [...statuses]
  server = createServer((_, response) => response.writeHead(remaining.shift() ?? 200).end())
  await new Promise<void>(resolve => server?.listen(0, '127.0.0.1', resolve))
  let throttled = 0
  const limiter: Limiter = {
    run: work => work(),
    throttled: () => {
      throttled += 1
    }
  }
  const { host, log } = recordedIo().io
  const transport = createTransport({
    host,
    log,
    retryBudget: { remaining: () => 10_000, wait: () => Promise.resolve() },
    limiter,
    runningRequests: createRunningRequests(),
    servers: 'services'
  })
  const { port } = server.address() as AddressInfo
  const { status } = await transport.sendRequest(
    allowUnlistedRequest(createPipelineRequest({ url: `http://127.0.0.1:${port}/`, allowInsecureConnection: true }))
  )
  expect(status).toBe(200)
  return throttled
}

describe('the limiter', () => {
  it('is throttled by every 429', async () => {
    expect(await throttledBy(429, 429, 200)).toBe(2)
  })

  it('is not throttled by other failures', async () => {
    expect(await throttledBy(503, 200)).toBe(0)
  })
})
