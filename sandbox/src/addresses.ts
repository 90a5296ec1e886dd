import type { HostedService } from './clouds/cloud.js'
import type { SandboxRequest } from './server/http.js'
import type { State } from './state.js'

/**
 * Returns the base URLs of the services, as the sender of the request can reach them: the cloud's own host names if the
 * request used one of them, otherwise the addresses on localhost.
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
  const usesCloudHost = Object.values(hosts).flat().includes(hostname)
  if (!usesCloudHost || entra === undefined || graph === undefined || arm === undefined) return endpoints
  return { entra: `https://${entra}`, graph: `https://${graph}`, arm: `https://${arm}` }
}
