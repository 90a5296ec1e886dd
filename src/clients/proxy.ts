import { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'

/**
 * Which agent a request to a URL goes through: one for the proxy that `HTTPS_PROXY` and `NO_PROXY` name for it, or none. One agent a
 * proxy is kept, with its connections. `ca` are the certificates to be trusted, where they are not Node's own.
 */
export function proxyAgents(ca?: readonly string[]): (url: string) => HttpsProxyAgent<string> | undefined {
  const agents = new Map<string, HttpsProxyAgent<string>>()
  return url => {
    // Plain http is only ever spoken to a managed identity's endpoint on this very machine.
    const proxy = url.startsWith('https:') ? getProxyForUrl(url) : ''
    if (proxy === '') return undefined
    const agent = agents.get(proxy) ?? new HttpsProxyAgent(proxy, { keepAlive: true, ...(ca === undefined ? {} : { ca: [...ca] }) })
    agents.set(proxy, agent)
    return agent
  }
}
