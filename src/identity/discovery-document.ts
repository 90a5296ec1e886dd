/** The OpenID Connect discovery document of a service account issuer. */
export interface DiscoveryDocument {
  readonly issuer: string
  readonly jwks_uri: string
  readonly response_types_supported: readonly string[]
  readonly subject_types_supported: readonly string[]
  readonly id_token_signing_alg_values_supported: readonly string[]
}

/**
 * The discovery document to publish at `<issuer>/.well-known/openid-configuration`, in the members and the order that
 * azure-workload-identity documents for clusters that run their own issuer. RS256 is all that Entra accepts.
 */
export function discoveryDocument(issuer: string, jwksUri: string): DiscoveryDocument {
  return {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256']
  }
}
