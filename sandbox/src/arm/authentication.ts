import { addressesFor } from '../addresses.js'
import type { SandboxRequest } from '../server/http.js'
import type { AccessTokenClaims } from '../entra/access-tokens.js'
import type { State } from '../state.js'
import { ArmError } from './errors.js'
import { subscriptionOf } from './ids.js'

/**
 * Who calls, by a bearer token that the sandbox's Entra issued for ARM. Otherwise 401 with the challenge from which tools read the tenant of a
 * subscription: `authorization_uri`, the tenant left out where no subscription is in the path (recorded).
 */
export async function authenticate(state: State, request: SandboxRequest): Promise<AccessTokenClaims> {
  const { authorization } = request.headers
  if (authorization === undefined) {
    throw unauthenticated(
      state,
      request,
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing.",
      "The authentication failed because of missing 'Authorization' header."
    )
  }
  const claims = await state.accessTokens.verify(authorization, state.cloud.armAudiences)
  if (claims !== undefined) return claims
  throw unauthenticated(
    state,
    request,
    'InvalidAuthenticationToken',
    'The access token is invalid.',
    'The access token is invalid.'
  )
}

function unauthenticated(
  state: State,
  request: SandboxRequest,
  code: string,
  message: string,
  description: string
): ArmError {
  const tenant = subscriptionOf(request.path) === undefined ? '' : state.tenantId
  return new ArmError(401, code, message, {
    'www-authenticate': `Bearer authorization_uri="${addressesFor(state, request).entra}/${tenant}", error="invalid_token", error_description="${description}"`
  })
}
