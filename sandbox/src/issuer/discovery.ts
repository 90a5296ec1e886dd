import type { State } from '../state.js'

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
