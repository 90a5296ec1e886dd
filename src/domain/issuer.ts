/** The longest issuer that a federated identity credential takes, in characters (Entra docs). */
const longestIssuer = 600

/** The only signature algorithm that Entra accepts. Source: Entra's documentation, "supported signing algorithms and issuers". */
export const acceptedAlgorithm = 'RS256'

const discoveryPath = '/.well-known/openid-configuration'

/**
 * Why a text is not an issuer that Entra could use, as the end of a sentence that begins with the text; undefined where it is one.
 * A slash at the end is left alone: Entra compares issuers byte for byte, so it counts.
 */
export function issuerProblem(text: string): string | undefined {
  if (text === '') return 'is empty'
  if (/\s/.test(text)) return 'holds white space'
  if (text.length > longestIssuer) return `has ${text.length} characters, and at most ${longestIssuer} are allowed`
  if (!/^https:\/\//i.test(text)) return 'does not begin with https://'
  // What the URL parser would quietly rewrite would no longer be equal to the token's issuer.
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
export interface DiscoveryDocument {
  readonly issuer: string
  readonly jwks_uri: string
  readonly response_types_supported: readonly string[]
  readonly subject_types_supported: readonly string[]
  readonly id_token_signing_alg_values_supported: readonly string[]
}

/**
 * The discovery document to publish at `<issuer>/.well-known/openid-configuration`, in the members and the order that
 * azure-workload-identity documents for clusters that run their own issuer.
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
