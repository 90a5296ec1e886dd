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
import { createErrorRecorder, type ErrorRecorder } from '../net/error-recorder.js'
import { fetchGitHubToken } from './github-token.js'
import { withLocalDiscovery } from '../clients/entra/discovery.js'
import { serializeByKey } from '../async.js'
import { type Cloud, isBuiltInAuthority } from '../config/clouds.js'
import { asLoginError } from './login-error.js'
import type { Login } from './login.js'

export interface CredentialContext {
  readonly tenantId: string
  readonly cloud: Cloud
  readonly transport: HttpClient
  /** Where a device code is shown to the person who is to type it. */
  readonly say: (line: string) => void
}

export interface PrefetchingCredential extends TokenCredential {
  /** Asks for a token before it is needed. Whoever needs it then gets it, or hears why there is none. */
  readonly prefetch: (scope: string) => void
}

/** A token is asked for anew this long before it ends, as the SDKs do. */
const refreshBefore = 5 * 60_000

/**
 * A credential for one tenant of one cloud, over @azure/identity and our transport. A token is asked for once and kept while it lasts, for
 * all clients together; a person is asked for one thing at a time. What it throws is a LoginError, or what stood in the way of the login.
 */
export function createCredential(login: Login, context: CredentialContext): PrefetchingCredential {
  const errors = createErrorRecorder()
  const credential = sdkCredential(
    login,
    {
      ...context,
      transport: withLocalDiscovery(
        { sendRequest: errors.record(request => context.transport.sendRequest(request)) },
        context.tenantId
      )
    },
    errors
  )
  const tokens = new Map<string, Promise<AccessToken | null>>()
  const inTurn = serializeByKey()
  const ask = async (scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> => {
    errors.clear()
    try {
      // Continuous access evaluation would make a second login of it: an account for each of the two kinds of token.
      return await credential.getToken(scopes, { ...options, enableCae: false })
    } catch (error) {
      throw asLoginError(errors.last() ?? error, error, login, context.tenantId)
    }
  }
  const refresh = (key: string, options?: GetTokenOptions): Promise<AccessToken | null> => {
    const fresh =
      login.method === 'device_code' ? inTurn('', () => ask(key.split(' '), options)) : ask(key.split(' '), options)
    tokens.set(key, fresh)
    return fresh
  }
  return {
    prefetch: scope => {
      if (!tokens.has(scope)) refresh(scope).catch(() => undefined)
    },
    getToken: async (scopes, options) => {
      const key = [scopes].flat().join(' ')
      const asked = options?.claims === undefined ? (tokens.get(key) ?? refresh(key, options)) : refresh(key, options)
      try {
        const token = await asked
        return token !== null && token.expiresOnTimestamp - refreshBefore > Date.now()
          ? token
          : await refresh(key, options)
      } catch (error) {
        // One that failed is asked for again by whoever comes next.
        if (tokens.get(key) === asked) tokens.delete(key)
        throw error
      }
    }
  }
}

function sdkCredential(
  login: Login,
  { tenantId, cloud, transport, say }: CredentialContext,
  errors: ErrorRecorder
): TokenCredential {
  const options = {
    authorityHost: cloud.authority,
    httpClient: transport,
    retryOptions: { maxRetries: 0 },
    // The public instance discovery does not know the authority of an air-gapped cloud, or of the sandbox.
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
          say(message)
        },
        ...options
      })
  }
}
