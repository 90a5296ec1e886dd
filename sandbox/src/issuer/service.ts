import type { SandboxRequest, SandboxResponse, Service } from '../server/http.js'
import type { State } from '../state.js'
import { putBlob, storageErrorResponse } from './blobs.js'

/**
 * Creates the cluster's public OIDC issuer, as AKS hosts it: without authentication, at its own address
 * `<endpoint>/<tenant>/<cluster>/`. It shows the published keys, which can differ from those that the API server signs
 * with. It also accepts blobs, because users without AKS publish their keys in a storage container.
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
 * Returns the discovery document of the cluster's issuer (OpenID Connect Discovery; kubernetes.io, Service Account
 * Issuer Discovery). The API server and the public issuer return the same one. Its `jwks_uri` is the public issuer's,
 * as in AKS.
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
