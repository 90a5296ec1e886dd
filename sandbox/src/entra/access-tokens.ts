import { jwtVerify, SignJWT } from 'jose'
import type { SigningKey } from '../signing-key.js'

/** The service principal that an access token stands for. It belongs to an application or a managed identity. */
export interface TokenPrincipal {
  /** The client ID. */
  readonly appId: string
  /** The object ID of the service principal. */
  readonly objectId: string
}

/** The claims of an access token that the services use. */
export interface AccessTokenClaims {
  readonly aud: string
  readonly iss: string
  readonly tid: string
  readonly appid: string
  readonly oid: string
  readonly sub: string
  readonly exp: number
}

/** Issues and verifies access tokens. */
export interface AccessTokens {
  /** Returns a signed token for an audience. `lifetime` is in seconds. */
  issue: (principal: TokenPrincipal, audience: string, lifetime?: number) => Promise<string>
  /**
   * Returns the claims of a bearer token, or undefined if it is missing, expired, not signed by this Entra or for none
   * of the audiences.
   */
  verify: (
    authorizationHeader: string | undefined,
    audiences: readonly string[]
  ) => Promise<AccessTokenClaims | undefined>
}

/** In seconds: one day minus one second, as in the recorded responses to client credentials. */
export const accessTokenLifetime = 86_399

interface AccessTokenOptions {
  readonly key: Promise<SigningKey>
  /** Ends with the tenant ID and a slash. */
  readonly issuer: string
  readonly tenantId: string
  readonly now: () => Date
  readonly uuid: () => string
}

/** Creates the access tokens of the sandbox's Entra: RS256 JWTs with the claims of Entra's v1.0 application tokens. */
export function createAccessTokens({ key, issuer, tenantId, now, uuid }: AccessTokenOptions): AccessTokens {
  return {
    issue: async (principal, audience, lifetime = accessTokenLifetime) => {
      const { kid, privateKey } = await key
      const seconds = Math.floor(now().getTime() / 1000)
      return new SignJWT({
        appid: principal.appId,
        appidacr: '1',
        idp: issuer,
        idtyp: 'app',
        oid: principal.objectId,
        tid: tenantId,
        uti: uuid(),
        ver: '1.0'
      })
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid, x5t: kid })
        .setAudience(audience)
        .setIssuer(issuer)
        .setSubject(principal.objectId)
        .setIssuedAt(seconds)
        .setNotBefore(seconds)
        .setExpirationTime(seconds + lifetime)
        .sign(privateKey)
    },
    verify: async (authorizationHeader, audiences) => {
      const token = /^Bearer +([^ ]+)$/i.exec(authorizationHeader ?? '')?.[1]
      if (token === undefined) return undefined
      try {
        const { payload } = await jwtVerify<AccessTokenClaims>(token, (await key).publicKey, {
          algorithms: ['RS256'],
          audience: [...audiences],
          issuer,
          currentDate: now()
        })
        return payload
      } catch {
        // The services do not tell the caller why a token is invalid.
        return undefined
      }
    }
  }
}
