import { addressesFor } from '../addresses.js'
import type { SandboxRequest } from '../server/http.js'
import type { AccessTokenClaims } from '../entra/access-tokens.js'
import type { State } from '../state.js'
import { ArmError } from './errors.js'
import { subscriptionOf } from './ids.js'

/**
 * Returns the claims of the caller's access token, which the sandbox's Entra must have issued for ARM. Otherwise throws
 * a 401. Its challenge has the tenant in `authorization_uri` if the path has a subscription (recorded). Tools read the
 * tenant of a subscription from it.
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
