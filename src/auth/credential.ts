import { readFile } from 'node:fs/promises'
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  DeviceCodeCredential,
  ManagedIdentityCredential
} from '@azure/identity'
import { serializeByKey } from '../async.js'
import { withLocalDiscovery } from '../clients/entra/discovery.js'
import { type Cloud, isBuiltInAuthority } from '../config/clouds.js'
import { allowUnlistedRequest } from '../net/expected-responses.js'
import { createErrorRecorder, type ErrorRecorder } from '../net/error-recorder.js'
import { fetchGitHubToken } from './github-token.js'
import { asLoginError } from './login-error.js'
import type { Login } from './login.js'

/** What a credential depends on besides the login. */
interface CredentialContext {
  readonly tenantId: string
  readonly cloud: Cloud
  readonly transport: HttpClient
  /** Shows the user the device code to enter, and where. */
  readonly showDeviceCode: (message: string) => void
}

/** A credential that caches its tokens. */
export interface CachingCredential extends TokenCredential {
  /** Starts to request a token before it is needed. The next `getToken` for the scope returns it, or throws its error. */
  readonly prefetch: (scope: string) => void
  /**
   * Requests a new token for the scope in place of one that the service has refused, from the login itself and not from a cache. Calls for
   * the same refused token share the request. Throws as `getToken` does.
   *
   * The Azure CLI, the Azure Developer CLI and managed identities have caches of their own, and can return the refused token again.
   */
  readonly renew: (scope: string, refused: string, claims?: string) => Promise<string | undefined>
}

/** Tokens are refreshed this many milliseconds before they expire, as in the SDKs. */
const refreshBeforeExpiry = 5 * 60_000

/**
 * Creates a credential for one tenant of one cloud. Caches each token until shortly before it expires, and never a failure. Shows one
 * device code at a time. `getToken` throws a LoginError if Entra refuses the login, and the underlying AzwiError if the request failed
 * before: an interruption, a time-out, the network.
 */
export function createCredential(login: Login, context: CredentialContext): CachingCredential {
  const errors = createErrorRecorder()
  const createSdkCredential = (): TokenCredential =>
    sdkCredential(
      login,
      {
        ...context,
        transport: withLocalDiscovery(
          { sendRequest: errors.record(request => context.transport.sendRequest(allowUnlistedRequest(request))) },
          context.tenantId
        )
      },
      errors
    )
  let credential = createSdkCredential()
  const tokens = new Map<string, Promise<AccessToken | null>>()
  const serialize = serializeByKey()
  const requestToken = async (scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> => {
    errors.clear()
    try {
      // The SDK logs in separately with and without continuous access evaluation. Without it, one login is enough.
      return await credential.getToken(scopes, { ...options, enableCae: false })
    } catch (error) {
      throw asLoginError(errors.last() ?? error, error, login, context.tenantId)
    }
  }
  const refresh = (key: string, options?: GetTokenOptions): Promise<AccessToken | null> => {
    const request = () => requestToken(key.split(' '), options)
    const token = login.method === 'device_code' ? serialize('', request) : request()
    tokens.set(key, token)
    return token
  }
  return {
    prefetch: scope => {
      if (!tokens.has(scope)) refresh(scope).catch(() => undefined)
    },
    getToken: async (scopes, options) => {
      const key = [scopes].flat().join(' ')
      // Claims ask for a token with other contents than the cached one.
      const cached = options?.claims === undefined ? tokens.get(key) : undefined
      const pending = cached ?? refresh(key, options)
      try {
        const token = await pending
        return token !== null && token.expiresOnTimestamp - refreshBeforeExpiry > Date.now()
          ? token
          : await refresh(key, options)
      } catch (error) {
        if (tokens.get(key) === pending) tokens.delete(key)
        throw error
      }
    },
    renew: async (scope, refused, claims) => {
      const known = tokens.get(scope)
      const token = await known
      // While this call waited, another one might have renewed the token.
      const pending = tokens.get(scope)
      if (pending !== undefined && (pending !== known || token?.token !== refused)) return (await pending)?.token
      // The SDK's credential caches tokens. A new one for a device code would ask the user for another code.
      if (login.method !== 'device_code') credential = createSdkCredential()
      const renewed = refresh(scope, claims === undefined ? undefined : { claims })
      try {
        return (await renewed)?.token
      } catch (error) {
        if (tokens.get(scope) === renewed) tokens.delete(scope)
        throw error
      }
    }
  }
}

function sdkCredential(
  login: Login,
  { tenantId, cloud, transport, showDeviceCode }: CredentialContext,
  errors: ErrorRecorder
): TokenCredential {
  const options = {
    authorityHost: cloud.authority,
    httpClient: transport,
    retryOptions: { maxRetries: 0 },
    // The public instance discovery does not know the authority of an air-gapped cloud or of the sandbox.
    disableInstanceDiscovery: !isBuiltInAuthority(cloud.authority)
  }
  switch (login.method) {
    case 'cli':
      return new AzureCliCredential({ tenantId })
    case 'azd':
      return new AzureDeveloperCliCredential({ tenantId })
    case 'default':
      return new DefaultAzureCredential({ tenantId, ...options })
    case 'client_secret':
      return new ClientSecretCredential(tenantId, login.clientId, login.clientSecret, options)
    case 'client_certificate':
      return new ClientCertificateCredential(tenantId, login.clientId, { certificate: login.certificate }, options)
    case 'workload_identity':
      return new ClientAssertionCredential(
        tenantId,
        login.clientId,
        errors.record(async () => (await readFile(login.tokenFile, 'utf8')).trim()),
        options
      )
    case 'github': {
      const { clientId, requestUrl, requestToken } = login
      return new ClientAssertionCredential(
        tenantId,
        clientId,
        errors.record(() => fetchGitHubToken(requestUrl, requestToken, cloud.exchangeAudience, transport)),
        options
      )
    }
    case 'managed_identity':
      return new ManagedIdentityCredential({
        ...(login.clientId === undefined ? {} : { clientId: login.clientId }),
        ...options
      })
    case 'device_code':
      return new DeviceCodeCredential({
        tenantId,
        ...(login.clientId === undefined ? {} : { clientId: login.clientId }),
        userPromptCallback: ({ message }) => {
          showDeviceCode(message)
        },
        ...options
      })
  }
}
