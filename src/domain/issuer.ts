/** The longest issuer that a federated identity credential accepts, in characters. Source: Entra's documentation. */
const maxIssuerLength = 600

/** The only signature algorithm that Entra accepts. Source: Entra's documentation, "supported signing algorithms and issuers". */
export const acceptedAlgorithm = 'RS256'

/**
 * The `Accept` header for the documents of an issuer. The API server serves its key set only as the second type, and answers 406 otherwise. Source:
 * Kubernetes, "Service account issuer discovery"; RFC 7517, section 8.5.2.
 */
export const issuerDocumentTypes = 'application/json, application/jwk-set+json'

const discoveryPath = '/.well-known/openid-configuration'

/**
 * Returns the reason why Entra cannot use an issuer, as the end of a sentence that begins with the issuer. Returns undefined if Entra can
 * use it. Accepts a slash at the end, which is part of the issuer because Entra compares issuers byte for byte.
 */
export function issuerProblem(text: string): string | undefined {
  if (text === '') return 'is empty'
  if (/\s/.test(text)) return 'holds white space'
  if (text.length > maxIssuerLength) return `has ${text.length} characters, and at most ${maxIssuerLength} are allowed`
  if (!/^https:\/\//i.test(text)) return 'does not begin with https://'
  // The URL parser rewrites these characters. The result would differ from the issuer in the token.
  if (/[^\x21-\x7e]|["<>\\^`{|}]/.test(text)) return 'holds a character that is not allowed in a URL'
  if (!URL.canParse(text)) return 'is not a URL'
  const { username, password } = new URL(text)
  if (username !== '' || password !== '') return 'holds a user name or a password'
  // OpenID Connect Discovery 1.0, section 3: an issuer has no query and no fragment, not even an empty one.
  if (text.includes('?')) return 'has a query'
  if (text.includes('#')) return 'has a fragment'
  if (text.endsWith(discoveryPath))
    return `is the address of a discovery document: the issuer is what comes before ${discoveryPath}`
  return undefined
}

/** The OpenID Connect discovery document of a service account issuer. */
interface DiscoveryDocument {
  readonly issuer: string
  readonly jwks_uri: string
  readonly response_types_supported: readonly string[]
  readonly subject_types_supported: readonly string[]
  readonly id_token_signing_alg_values_supported: readonly string[]
}

/**
 * Returns the discovery document to publish at `<issuer>/.well-known/openid-configuration`. Source of the members and their order:
 * azure-workload-identity's documentation of self-managed clusters.
 */
export function discoveryDocument(issuer: string, jwksUri: string): DiscoveryDocument {
  return {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [acceptedAlgorithm]
  }
}
