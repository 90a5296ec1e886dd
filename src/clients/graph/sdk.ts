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
 * Graph's SDK, made to ask our credential for tokens and to send through our transport. Its own middleware is left out: it is made of
 * `fetch`, `Headers` and `Request`, and Node takes 25 ms to load those.
 */
export function createGraphSdk(graph: string, credential: TokenCredential, transport: HttpClient): Client {
  const execute = (context: Context): Promise<void> =>
    carryingErrors(async () => {
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
      context.response = asFetched(response)
    })
  return Client.initWithMiddleware({ middleware: { execute }, baseUrl: `${graph}/` })
}

/** As much of a `Response` as the SDK reads. */
function asFetched({ status, headers, bodyAsText }: PipelineResponse): Response {
  const text = bodyAsText ?? ''
  const read = {
    status,
    ok: status >= 200 && status < 300,
    headers,
    body: text,
    text: () => Promise.resolve(text),
    json: () => Promise.resolve().then(() => JSON.parse(text) as unknown)
  }
  return read as unknown as Response
}

/** The SDK makes a new error of any Error, or thing with an `error`, that comes up through it, and drops the old one; else it hands it on in `body`. */
class Carried {
  constructor(readonly thrown: unknown) {}
}

async function carryingErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- see Carried
    throw new Carried(error)
  }
}

export const graphErrorFormat: ErrorFormat = {
  service: 'Microsoft Graph',
  unwrap: error =>
    error instanceof GraphError && (error.body as unknown) instanceof Carried
      ? (error.body as Carried).thrown
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
