import { jwtVerify, SignJWT } from 'jose'
import type { SigningKey } from '../signing-key.js'

/** Who an access token stands for: a service principal, of an application or of a managed identity. */
export interface TokenPrincipal {
  /** The client id. */
  readonly appId: string
  /** The object id of the service principal. */
  readonly objectId: string
}

export interface AccessTokenClaims {
  readonly aud: string
  readonly iss: string
  readonly tid: string
  readonly appid: string
  readonly oid: string
  readonly sub: string
  readonly exp: number
}

export interface AccessTokens {
  /** A signed token for one audience. `lifetime` is in seconds. */
  issue: (principal: TokenPrincipal, audience: string, lifetime?: number) => Promise<string>
  /** The claims of a bearer token that this Entra signed, for one of the audiences, in its time; else undefined. */
  verify: (
    authorizationHeader: string | undefined,
    audiences: readonly string[]
  ) => Promise<AccessTokenClaims | undefined>
}

/** What the recorded answers say: a client credentials token lives for a day, less the second that it took to make. */
export const accessTokenLifetime = 86_399

interface AccessTokenOptions {
  readonly key: Promise<SigningKey>
  /** With the tenant and a slash at the end. */
  readonly issuer: string
  readonly tenantId: string
  readonly now: () => Date
  readonly uuid: () => string
}

/** Issues and checks the access tokens of the sandbox's Entra: RS256 JWTs with the claims of Entra's v1.0 application tokens. */
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
        // Whatever is wrong with it, the services say the same thing to the caller: not authenticated.
        return undefined
      }
    }
  }
}
