import type { TokenCredential } from '@azure/core-auth'
import { createHttpHeaders, createPipelineRequest, type HttpClient, type HttpMethods } from '@azure/core-rest-pipeline'
import { AuthenticationHandler, Client, GraphError, type Context, type Middleware } from '@microsoft/microsoft-graph-client'
import type { Dialect } from './service-error.js'

/** Graph's SDK, made to ask our credential for tokens and to send through our transport. */
export function createGraphSdk(graph: string, credential: TokenCredential, transport: HttpClient): Client {
  const authentication = new AuthenticationHandler({
    getAccessToken: () => carryingErrors(async () => (await credential.getToken(`${graph}/.default`))?.token ?? '')
  })
  authentication.setNext(sendThrough(transport))
  // Without its host among customHosts, the SDK would send no token to a sovereign cloud that it does not know.
  return Client.initWithMiddleware({ middleware: authentication, baseUrl: `${graph}/`, customHosts: new Set([new URL(graph).hostname]) })
}

/** The end of the SDK's chain, in place of its global `fetch`. */
function sendThrough(transport: HttpClient): Middleware {
  return {
    execute: async (context: Context) => {
      // The SDK's types are the browser's, which are not loaded here: it hands on a URL or a Request.
      const request = context.request as unknown as string | { readonly url: string }
      const url = typeof request === 'string' ? request : request.url
      const { method = 'GET', headers, body } = (context.options ?? {}) as { method?: string; headers?: unknown; body?: unknown }
      const response = await carryingErrors(() => transport.sendRequest(createPipelineRequest({
        url,
        method: method as HttpMethods,
        headers: createHttpHeaders(Object.fromEntries(new Headers(headers as Record<string, string>))),
        ...(typeof body === 'string' ? { body } : {})
      })))
      const hasContent = response.status !== 204 && response.status !== 304
      context.response = new Response(hasContent ? response.bodyAsText ?? '' : null, {
        status: response.status, headers: response.headers.toJSON()
      })
    }
  }
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

export const graphDialect: Dialect = {
  service: 'Microsoft Graph',
  unwrap: error => error instanceof GraphError && (error.body as unknown) instanceof Carried ? (error.body as Carried).thrown : undefined,
  refusal: error => error instanceof GraphError && error.statusCode > 0
    ? { status: error.statusCode, code: error.code ?? undefined, message: error.message }
    : undefined,
  hints: {
    0: 'check the network and the proxy settings, then run the same line again',
    401: 'log in again: az login',
    403: 'whoever is logged in needs the Entra role Application Developer (or, as a service principal, the permission Application.ReadWrite.OwnedBy)'
  }
}
