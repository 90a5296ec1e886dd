import type { ClientRequest } from 'node:http'
import type { SecureContext } from 'node:tls'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'

/**
 * Returns a function that returns the agent for a URL: one for the proxy in `HTTPS_PROXY`, or undefined if the URL needs no proxy or
 * `NO_PROXY` excludes it. Each proxy has one agent, which keeps its connections open. `secureContext` replaces Node's own trust.
 */
export function proxyAgents(secureContext?: SecureContext): (url: string) => HttpsProxyAgent<string> | undefined {
  const agents = new Map<string, HttpsProxyAgent<string>>()
  return url => {
    // azwi uses plain http only for the endpoint of a managed identity, which is on the same machine.
    const proxy = url.startsWith('https:') ? getProxyForUrl(url) : ''
    if (proxy === '') return undefined
    const agent =
      agents.get(proxy) ??
      new StrictProxyAgent(proxy, { keepAlive: true, ...(secureContext === undefined ? {} : { secureContext }) })
    agents.set(proxy, agent)
    return agent
  }
}

/** Fails if a proxy refuses to connect. HttpsProxyAgent would return the proxy's response as if the service had sent it. */
class StrictProxyAgent extends HttpsProxyAgent<string> {
  override async connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>['connect']>[1]
  ): ReturnType<HttpsProxyAgent<string>['connect']> {
    let status = 200
    request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      status = statusCode
    })
    const socket = await super.connect(request, options)
    if (status === 200) return socket
    socket.destroy()
    throw Object.assign(new Error(`the proxy ${this.proxy.host} answered ${status} to CONNECT`), { code: 'EPROXY' })
  }
}
