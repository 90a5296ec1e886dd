import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline'
import type { TokenCredential } from '@azure/core-auth'

export interface FakeAnswer {
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface FakeTransport extends HttpClient {
  /** Every request that was sent, in order. */
  readonly requests: readonly PipelineRequest[]
}

/** Creates a transport without a network. `answer` returns the response to each request. */
export function fakeTransport(answer: (request: PipelineRequest) => FakeAnswer | Promise<FakeAnswer>): FakeTransport {
  const requests: PipelineRequest[] = []
  return {
    requests,
    sendRequest: async request => {
      requests.push(request)
      const { status = 200, body = {}, headers = {} } = await answer(request)
      return {
        request,
        status,
        headers: createHttpHeaders({ 'content-type': 'application/json', ...headers }),
        bodyAsText: JSON.stringify(body)
      }
    }
  }
}

/** A credential whose token is always `token`. */
export const fakeCredential: TokenCredential = {
  getToken: () => Promise.resolve({ token: 'token', expiresOnTimestamp: Date.now() + 3_600_000 })
}
