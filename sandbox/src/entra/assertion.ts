import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose'
import { sevenDecimals } from '../dates.js'
import { EntraError } from './errors.js'

/** A decoded client assertion (RFC 7523), not verified yet. */
export interface Assertion {
  readonly token: string
  readonly header: ProtectedHeaderParameters
  readonly claims: JWTPayload
  readonly issuer: string
  readonly audiences: readonly string[]
}

/** Decodes a client assertion. Throws an EntraError if it is not a JWT, or has no issuer or audience. */
export function parseAssertion(token: string): Assertion {
  let header: ProtectedHeaderParameters
  let claims: JWTPayload
  try {
    header = decodeProtectedHeader(token)
    claims = decodeJwt(token)
  } catch {
    throw new EntraError(50027, 'invalid_request', 'JWT token is invalid or malformed.')
  }
  const { iss, aud } = claims
  if (typeof iss !== 'string') throw missingClaim('iss')
  if (aud === undefined) throw missingClaim('aud')
  return { token, header, claims, issuer: iss, audiences: [aud].flat() }
}

/** How far the client's clock can be ahead. */
const clockSkewInSeconds = 300

/** Throws an EntraError if an assertion is expired, not valid yet, or has no expiry time. */
export function requireValidTime({ claims }: Assertion, now: Date): void {
  const { nbf = 0, exp = 0 } = claims
  const seconds = now.getTime() / 1000
  if (nbf <= seconds + clockSkewInSeconds && seconds < exp) return
  throw new EntraError(
    700024,
    'invalid_client',
    `Client assertion is not within its valid time range. Current time: ${sevenDecimals(now)}, assertion valid from ` +
      `${sevenDecimals(new Date(nbf * 1000))}, expiry time of assertion ${sevenDecimals(new Date(exp * 1000))}. Review the documentation at ` +
      'https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .'
  )
}

/** Throws an EntraError if the signature algorithm is not in the list. */
export function requireAlgorithm({ header }: Assertion, accepted: readonly string[]): void {
  if (accepted.includes(header.alg ?? '')) return
  throw new EntraError(
    5002738,
    'invalid_client',
    `Invalid JWT token. '${header.alg ?? ''}' is not a supported signature algorithm. Supported signing algorithms are: 'RS256,RS384,RS512'`
  )
}

/** The error for a wrong signature or a missing key. `reason` says which. */
export function invalidSignature(reason: string, clientId: string): EntraError {
  return new EntraError(
    700027,
    'invalid_client',
    `Client assertion contains an invalid signature. [Reason - ${reason}, Please visit the Azure Portal, Graph Explorer or directly use MS Graph ` +
      `to see configured keys for app Id '${clientId}'.`
  )
}

/** The error for an assertion whose header has neither a thumbprint nor a key ID. */
export function noKeyNamed(): EntraError {
  return new EntraError(
    5002723,
    'invalid_client',
    'Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 thumbprint, nor keyId specified in token header.'
  )
}

function missingClaim(name: string): EntraError {
  return new EntraError(
    90014,
    'invalid_request',
    `The required field '${name}' is missing from the credential. Ensure that you have all the necessary parameters for the login request.`
  )
}
