import type { ClientRequest } from 'node:http'
import type { SecureContext } from 'node:tls'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'

/**
 * Which agent a request to a URL goes through: one for the proxy that `HTTPS_PROXY` and `NO_PROXY` name for it, or none. One agent a
 * proxy is kept, with its connections. `secureContext` says what is trusted, where that is not what Node trusts by itself.
 */
export function proxyAgents(secureContext?: SecureContext): (url: string) => HttpsProxyAgent<string> | undefined {
  const agents = new Map<string, HttpsProxyAgent<string>>()
  return url => {
    // Plain http is only ever spoken to a managed identity's endpoint on this very machine.
    const proxy = url.startsWith('https:') ? getProxyForUrl(url) : ''
    if (proxy === '') return undefined
    const agent =
      agents.get(proxy) ??
      new StrictProxyAgent(proxy, { keepAlive: true, ...(secureContext === undefined ? {} : { secureContext }) })
    agents.set(proxy, agent)
    return agent
  }
}

/** Without this, what a proxy answers instead of a connection would be taken for the service's own answer. */
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
