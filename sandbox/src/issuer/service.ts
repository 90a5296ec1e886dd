import type { SandboxRequest, SandboxResponse, Service } from '../server/http.js'
import type { State } from '../state.js'
import { putBlob, storageErrorResponse } from './blobs.js'

/**
 * The cluster's public issuer, as AKS has it: open to anyone, at an address of its own, `<endpoint>/<tenant>/<cluster>/`. It shows what has been
 * published, which need not be what the API server signs with. What people publish themselves lies in a storage container: so it takes blobs.
 */
export function issuerService(state: State): Service {
  const pattern = new RegExp(`^/${state.tenantId}/${state.cluster.id}/(?<path>.+)$`)
  const read = (path: string): SandboxResponse | undefined =>
    state.published.get(path) ?? publishedByCluster(state, path)
  return {
    name: 'issuer',
    routes: [
      { method: 'GET', pattern, handler: (request, { path = '' }) => read(path) ?? unknown(request) },
      {
        method: 'PUT',
        pattern,
        handler: (request, { path = '' }) => putBlob(state, request, path, read(path)?.status === 200)
      }
    ],
    unknown,
    failed: error =>
      storageErrorResponse(error) ?? { status: 500, body: { code: 'InternalError', message: String(error) } }
  }
}

function publishedByCluster(state: State, path: string): SandboxResponse | undefined {
  if (path === '.well-known/openid-configuration') return { status: 200, body: issuerDiscovery(state) }
  if (path === 'openid/v1/jwks') return { status: 200, body: { keys: state.cluster.publishedKeys } }
  return undefined
}

function unknown({ method, path }: SandboxRequest): SandboxResponse {
  return {
    status: 404,
    body: { code: 'NotFound', message: `The issuer of the azwi sandbox has no ${method} ${path}.` }
  }
}

/**
 * The discovery document of the cluster's issuer (OpenID Connect Discovery; kubernetes.io, Service Account Issuer Discovery). The API server and the
 * public issuer say the same, and both point to the public keys, as AKS has it.
 */
export function issuerDiscovery({ cluster }: State): object {
  return {
    issuer: cluster.issuer,
    jwks_uri: `${cluster.issuer}openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(cluster.signingKeys.map(({ jwk }) => jwk.alg))]
  }
}
