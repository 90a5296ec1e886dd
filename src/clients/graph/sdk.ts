import type { TokenCredential } from '@azure/core-auth'
import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type PipelineResponse
} from '@azure/core-rest-pipeline'
import { Client, type Context, GraphError } from '@microsoft/microsoft-graph-client'
import type { ErrorFormat } from '../../net/service-error.js'

/**
 * Creates Graph's SDK with the given credential and transport. Leaves out the SDK's own middleware, because it uses `fetch`, `Headers` and
 * `Request`, which take Node 25 ms to load.
 */
export function createGraphSdk(graph: string, credential: TokenCredential, transport: HttpClient): Client {
  const execute = (context: Context): Promise<void> =>
    wrapErrors(async () => {
      const url = String(context.request)
      const {
        method = 'GET',
        headers,
        body
      } = (context.options ?? {}) as { method?: string; headers?: Record<string, string>; body?: unknown }
      const token = await credential.getToken(`${graph}/.default`)
      const response = await transport.sendRequest(
        createPipelineRequest({
          url,
          method: method as HttpMethods,
          headers: createHttpHeaders({
            ...headers,
            authorization: `Bearer ${token?.token ?? ''}`
          }),
          ...(typeof body === 'string' ? { body } : {})
        })
      )
      context.response = toFetchResponse(response)
    })
  return Client.initWithMiddleware({ middleware: { execute }, baseUrl: `${graph}/` })
}

/** Returns the members of a `Response` that the SDK reads. */
function toFetchResponse({ status, headers, bodyAsText }: PipelineResponse): Response {
  const text = bodyAsText ?? ''
  const fetched = {
    status,
    ok: status >= 200 && status < 300,
    headers,
    body: text,
    text: () => Promise.resolve(text),
    json: () => Promise.resolve().then(() => JSON.parse(text) as unknown)
  }
  return fetched as unknown as Response
}

/**
 * Wraps an error on its way through the SDK. The SDK replaces any Error, and any object with an `error`, by an error of its own without a
 * cause. It keeps every other object, in `body`.
 */
class WrappedError {
  constructor(readonly thrown: unknown) {}
}

async function wrapErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- see WrappedError
    throw new WrappedError(error)
  }
}

/** The errors of Microsoft Graph. */
export const graphErrorFormat: ErrorFormat = {
  service: 'Microsoft Graph',
  unwrap: error =>
    error instanceof GraphError && (error.body as unknown) instanceof WrappedError
      ? (error.body as WrappedError).thrown
      : undefined,
  responseOf: error =>
    error instanceof GraphError && error.statusCode > 0
      ? { status: error.statusCode, code: error.code ?? undefined, message: error.message }
      : undefined,
  hints: {
    0: 'check the network and the proxy settings, then run the same line again',
    401: 'log in again: az login',
    403: 'whoever is logged in needs the Entra role Application Developer (or, as a service principal, the permission Application.ReadWrite.OwnedBy)'
  }
}
