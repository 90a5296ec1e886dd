import type { Service } from '../http.js'
import type { World } from '../world.js'
import { issuerDiscovery } from './discovery.js'

/**
 * The cluster's public issuer, as AKS has it: open to anyone, at an address of its own, `<endpoint>/<tenant>/<cluster>/`. It shows what has been
 * published, which need not be what the API server signs with.
 */
export function issuerService(world: World): Service {
  const at = (path: string) => new RegExp(`^/${world.tenantId}/${world.cluster.id}/${path}$`)
  return {
    name: 'issuer',
    routes: [
      { method: 'GET', pattern: at('\\.well-known/openid-configuration'), handler: () => ({ status: 200, body: issuerDiscovery(world) }) },
      { method: 'GET', pattern: at('openid/v1/jwks'), handler: () => ({ status: 200, body: { keys: world.cluster.publishedKeys } }) }
    ],
    unknown: ({ method, path }) => ({
      status: 404, body: { code: 'NotFound', message: `The issuer of the azwi sandbox has no ${method} ${path}.` }
    }),
    failed: error => ({ status: 500, body: { code: 'InternalError', message: String(error) } })
  }
}
