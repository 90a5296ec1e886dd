import type { TokenPrincipal } from './access-tokens.js'
import type { FederatedIdentityCredential, ServicePrincipal } from '../graph/directory.js'
import type { State } from '../state.js'
import { EntraError } from './errors.js'

/** A client of the token endpoint: an application with a service principal, or a managed identity. */
export interface Client {
  readonly principal: TokenPrincipal
  readonly federatedIdentityCredentials: readonly FederatedIdentityCredential[]
}

/**
 * Finds a client by its client ID. Throws an EntraError if it does not exist or is disabled. An application without a
 * service principal has its own error, AADSTS7000229 (quoted in Microsoft's Teams SDK documentation, app-authentication
 * troubleshooting).
 */
export function findClient(state: State, clientId: string): Client {
  const wanted = clientId.toLowerCase()
  const { isVisible } = state.replication
  const identity = [...state.managedIdentities.values()].find(candidate => candidate.clientId.toLowerCase() === wanted)
  if (identity !== undefined && isVisible('managedIdentity', identity.id)) {
    requireEnabled(state.servicePrincipals.get(identity.principalId), clientId)
    return {
      principal: { appId: identity.clientId, objectId: identity.principalId },
      federatedIdentityCredentials: identity.federatedIdentityCredentials
    }
  }
  const application = [...state.applications.values()].find(
    candidate => candidate.appId.toLowerCase() === wanted && isVisible('application', candidate.id)
  )
  const servicePrincipal =
    identity === undefined
      ? [...state.servicePrincipals.values()].find(
          candidate => candidate.appId.toLowerCase() === wanted && isVisible('servicePrincipal', candidate.id)
        )
      : undefined
  if (servicePrincipal === undefined)
    throw application === undefined ? unknownClient(state, clientId) : missingServicePrincipal(state, clientId)
  requireEnabled(servicePrincipal, clientId)
  return {
    principal: { appId: servicePrincipal.appId, objectId: servicePrincipal.id },
    federatedIdentityCredentials: application?.federatedIdentityCredentials ?? []
  }
}

function requireEnabled(servicePrincipal: ServicePrincipal | undefined, clientId: string): void {
  if (servicePrincipal?.accountEnabled !== false) return
  throw new EntraError(
    7000112,
    'unauthorized_client',
    `Application '${clientId}'(${servicePrincipal.displayName}) is disabled.`
  )
}

function unknownClient(state: State, clientId: string): EntraError {
  return new EntraError(
    700016,
    'unauthorized_client',
    `Application with identifier '${clientId}' was not found in the directory '${state.tenantDisplayName}'. This can happen if the application ` +
      'has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your ' +
      'authentication request to the wrong tenant.'
  )
}

function missingServicePrincipal(state: State, clientId: string): EntraError {
  return new EntraError(
    7000229,
    'invalid_client',
    `The client application ${clientId} is missing service principal in the tenant ${state.tenantId}. ` +
      'See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119'
  )
}
