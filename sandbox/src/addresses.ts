import type { HostedService } from './clouds/cloud.js'
import type { SandboxRequest } from './server/http.js'
import type { State } from './state.js'

/**
 * Base URLs of the services as the caller can reach them: one that came by a cloud's own host name is told the cloud's own names, everyone
 * else the addresses on loopback.
 */
export function addressesFor(
  { cloud: { hosts }, endpoints }: State,
  { origin }: Pick<SandboxRequest, 'origin'>
): Record<HostedService, string> {
  const { hostname } = new URL(origin)
  const {
    entra: [entra],
    graph: [graph],
    arm: [arm]
  } = hosts
  const isCloudsOwn = Object.values(hosts).flat().includes(hostname)
  if (!isCloudsOwn || entra === undefined || graph === undefined || arm === undefined) return endpoints
  return { entra: `https://${entra}`, graph: `https://${graph}`, arm: `https://${arm}` }
}
