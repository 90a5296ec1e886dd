import { addressesFor } from '../addresses.js'
import type { Handler, SandboxRequest } from '../server/http.js'
import type { State } from '../state.js'
import { GraphError, requestDenied } from './errors.js'

/**
 * The handler behind Graph's door: only a bearer token that the sandbox's Entra issued for Graph gets through (401 otherwise), and while
 * the world denies them no write does, or no read (403).
 */
export function authorized(state: State, handler: Handler): Handler {
  return async (request, parameters) => {
    const challenge = {
      'www-authenticate': `Bearer realm="", authorization_uri="${addressesFor(state, request).entra}/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`
    }
    const authorization = request.headers.authorization
    if (authorization === undefined) {
      throw new GraphError(401, 'InvalidAuthenticationToken', 'Access token is empty.', challenge)
    }
    const claims = await state.accessTokens.verify(authorization, state.cloud.graphAudiences)
    if (claims === undefined) {
      throw new GraphError(
        401,
        'InvalidAuthenticationToken',
        'Access token validation failure. Invalid audience, signature or lifetime.',
        challenge
      )
    }
    if (state.denied.has(reads(request) ? 'graph reads' : 'graph')) throw requestDenied()
    return handler(request, parameters)
  }
}

/** `getByIds` asks, although it is a POST: its list of ids may be too long for an address. */
function reads({ method, path }: SandboxRequest): boolean {
  return method === 'GET' || path.toLowerCase().endsWith('/getbyids')
}
