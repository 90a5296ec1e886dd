import { addressesFor } from '../addresses.js'
import type { SandboxRequest } from '../server/http.js'
import type { State } from '../state.js'
import { EntraError } from './errors.js'

/**
 * Throws an EntraError if the tenant in the path is not the sandbox's. Like Entra, distinguishes an invalid name from
 * an unknown tenant.
 */
export function requireTenant(state: State, tenant: string): void {
  if (tenant.toLowerCase() === state.tenantId.toLowerCase()) return
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenant) && !tenant.includes('.')) {
    throw new EntraError(
      900023,
      'invalid_request',
      `Specified tenant identifier '${tenant}' is neither a valid DNS name, nor a valid external domain.`
    )
  }
  throw new EntraError(
    90002,
    'invalid_tenant',
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. ` +
      'Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.'
  )
}

/** Returns the v2.0 discovery document of the tenant. */
export function openIdConfiguration(state: State, request: SandboxRequest): object {
  const { origin } = request
  const tenant = `${origin}/${state.tenantId}`
  return {
    token_endpoint: `${tenant}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    jwks_uri: `${tenant}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code'],
    scopes_supported: ['openid'],
    issuer: `${tenant}/v2.0`,
    authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'oid', 'tid', 'ver'],
    tenant_region_scope: 'EU',
    cloud_instance_name: new URL(origin).hostname.replace(/^login\./, ''),
    msgraph_host: new URL(addressesFor(state, request).graph || origin).host
  }
}

/**
 * Returns the instance discovery document, which MSAL requests first. It lists this host, or all names of the cloud's
 * login host.
 */
export function instanceDiscovery(state: State, { origin }: SandboxRequest): object {
  const { host } = new URL(origin)
  const { entra } = state.cloud.hosts
  return {
    tenant_discovery_endpoint: `${origin}/${state.tenantId}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: entra.includes(host) ? [...entra] : [host] }]
  }
}
