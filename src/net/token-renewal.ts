import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline'

/**
 * Requests a token in place of one that a service has refused, and bypasses every cache. Calls for the same refused token share the request.
 * `claims` are what the service asks of the new token, as JSON.
 */
export type RenewToken = (refused: string, claims: string | undefined) => Promise<string | undefined>

/**
 * Returns a client that answers a 401 with a fresh token: it requests one and sends the request again, once. A 401 means that the request
 * changed nothing. If a fresh token is refused too, the client renews it no more.
 *
 * The response never has the challenge of a 401, so that an SDK does not renew the token as well.
 */
export function withTokenRenewal(client: HttpClient, renewToken: RenewToken): HttpClient {
  const refusedTokens = new Set<string>()
  const refusedFreshTokens = new Set<string>()
  return {
    sendRequest: async request => {
      const { headers } = request
      const renew = async (refused: string, claims?: string): Promise<string> => {
        refusedTokens.add(refused)
        const token = (await renewToken(refused, claims)) ?? refused
        headers.set('authorization', `Bearer ${token}`)
        return token
      }
      let token = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? ''
      // An SDK can keep a refused token in a cache of its own.
      if (refusedTokens.has(token) && !refusedFreshTokens.has(token)) token = await renew(token)
      const response = await client.sendRequest(request)
      if (response.status !== 401 || token === '' || refusedFreshTokens.has(token)) return withoutChallenge(response)
      token = await renew(token, claimsOf(response))
      const second = await client.sendRequest(request)
      if (second.status === 401) refusedFreshTokens.add(token)
      return withoutChallenge(second)
    }
  }
}

function withoutChallenge(response: PipelineResponse): PipelineResponse {
  if (response.status === 401) response.headers.delete('www-authenticate')
  return response
}

/** Returns the claims of a claims challenge. Source: Microsoft identity platform, "Claims challenges, claims requests and client capabilities". */
function claimsOf({ headers }: PipelineResponse): string | undefined {
  const challenge = headers.get('www-authenticate') ?? ''
  if (!/error="?insufficient_claims/.test(challenge)) return undefined
  const encoded = /claims="([^"]+)"/.exec(challenge)?.[1] ?? ''
  const claims = Buffer.from(encoded, 'base64').toString('utf8')
  try {
    JSON.parse(claims)
    return claims
  } catch {
    return undefined
  }
}
