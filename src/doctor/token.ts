import { UsageError } from '../errors.js'
import type { TokenClaims } from './evidence.js'

/** What a JWT says of itself (RFC 7519), its signature unchecked. Throws a UsageError, which shows nothing of it, for what is none. */
export function decodeToken(token: string): TokenClaims {
  const [header, payload] = token.trim().split('.').slice(0, 2).map(part => {
    try {
      return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>
    } catch {
      throw new UsageError('this is no JSON Web Token')
    }
  })
  if (header === undefined || payload === undefined) throw new UsageError('this is no JSON Web Token')
  const text = (value: unknown): string => typeof value === 'string' ? value : ''
  const number = (value: unknown): number | undefined => typeof value === 'number' ? value : undefined
  return {
    issuer: text(payload.iss), subject: text(payload.sub), audiences: [payload.aud ?? []].flat().map(String),
    keyId: typeof header.kid === 'string' ? header.kid : undefined, algorithm: text(header.alg),
    issuedAt: number(payload.iat), notBefore: number(payload.nbf), expiresAt: number(payload.exp)
  }
}
