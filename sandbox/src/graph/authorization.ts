import { addressesFor } from '../addresses.js'
import type { Handler, SandboxRequest } from '../server/http.js'
import type { State } from '../state.js'
import { GraphError, requestDenied } from './errors.js'

/**
 * Wraps a handler with Graph's access check. Answers 401 unless the request has an access token for Graph from the
 * sandbox's Entra. Answers 403 if `state.denied` denies the reads or the writes of the caller.
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
    if (state.denied.has(isRead(request) ? 'graph reads' : 'graph')) throw requestDenied()
    callers.set(request, claims.sub)
    return handler(request, parameters)
  }
}

const callers = new WeakMap<SandboxRequest, string>()

/** Returns the object ID of the caller of an authorized request. */
export function callerOf(request: SandboxRequest): string {
  return callers.get(request) ?? ''
}

/**
 * Throws a 403 if the caller may write only what it owns, and does not own the object. `id` is the object ID of an
 * application or a service principal.
 */
export function requireOwnership(state: State, request: SandboxRequest, id: string): void {
  if (!state.denied.has('graph unowned')) return
  if (!(state.owners.get(id) ?? []).some(owner => owner.id === callerOf(request))) throw requestDenied()
}

/** Reports whether a request only reads. `getByIds` does, although it is a POST. */
function isRead({ method, path }: SandboxRequest): boolean {
  return method === 'GET' || path.toLowerCase().endsWith('/getbyids')
}
