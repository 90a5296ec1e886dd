import { readFile } from 'node:fs/promises'
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import {
  AzureCliCredential, AzureDeveloperCliCredential, ClientAssertionCredential, ClientCertificateCredential, ClientSecretCredential,
  DefaultAzureCredential, DeviceCodeCredential, ManagedIdentityCredential
} from '@azure/identity'
import { fetchGitHubToken } from '../clients/github-token.js'
import { cloudNames, type Cloud } from '../config/clouds.js'
import { asLoginError } from './login-error.js'
import type { Login } from './login.js'

export interface CredentialContext {
  readonly tenantId: string
  readonly cloud: Cloud
  readonly transport: HttpClient
  /** Where a device code is shown to the person who is to type it. */
  readonly say: (line: string) => void
}

/** A credential for one tenant of one cloud, over @azure/identity and our transport. What it throws is a LoginError. */
export function createCredential(login: Login, context: CredentialContext): TokenCredential {
  const credential = sdkCredential(login, context)
  return {
    getToken: async (scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> => {
      try {
        return await credential.getToken(scopes, options)
      } catch (error) {
        throw asLoginError(error, login, context.tenantId)
      }
    }
  }
}

function sdkCredential(login: Login, { tenantId, cloud, transport, say }: CredentialContext): TokenCredential {
  const options = {
    authorityHost: cloud.authority,
    httpClient: transport,
    retryOptions: { maxRetries: 0 },
    // The public instance discovery does not know the authority of an air-gapped cloud, or of the sandbox.
    disableInstanceDiscovery: !(cloudNames as readonly string[]).includes(cloud.name)
  }
  switch (login.method) {
    case 'cli': return new AzureCliCredential({ tenantId })
    case 'azd': return new AzureDeveloperCliCredential({ tenantId })
    case 'default': return new DefaultAzureCredential({ tenantId, ...options })
    case 'client_secret': return new ClientSecretCredential(tenantId, login.clientId, login.clientSecret, options)
    case 'client_certificate': return new ClientCertificateCredential(tenantId, login.clientId, { certificate: login.certificate }, options)
    case 'workload_identity':
      return new ClientAssertionCredential(tenantId, login.clientId, async () => (await readFile(login.tokenFile, 'utf8')).trim(), options)
    case 'github': {
      const { clientId, requestUrl, requestToken } = login
      return new ClientAssertionCredential(tenantId, clientId, () => fetchGitHubToken(requestUrl, requestToken, cloud.exchangeAudience, transport), options)
    }
    case 'managed_identity': return new ManagedIdentityCredential({ ...(login.clientId === undefined ? {} : { clientId: login.clientId }), ...options })
    case 'device_code':
      return new DeviceCodeCredential({
        tenantId, ...(login.clientId === undefined ? {} : { clientId: login.clientId }), userPromptCallback: ({ message }) => { say(message) }, ...options
      })
  }
}
