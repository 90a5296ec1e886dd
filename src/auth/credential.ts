import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import { AzureCliCredential, ClientCertificateCredential, ClientSecretCredential } from '@azure/identity'
import { cloudNames, type Cloud } from '../config/clouds.js'
import { asLoginError } from './login-error.js'
import type { Login } from './login.js'

/** A credential for one tenant of one cloud, over @azure/identity and our transport. What it throws is a LoginError. */
export function createCredential(login: Login, tenantId: string, cloud: Cloud, transport: HttpClient): TokenCredential {
  const options = {
    authorityHost: cloud.authority,
    httpClient: transport,
    retryOptions: { maxRetries: 0 },
    // The public instance discovery does not know the authority of an air-gapped cloud, or of the sandbox.
    disableInstanceDiscovery: !(cloudNames as readonly string[]).includes(cloud.name)
  }
  return inOurWords(sdkCredential(login, tenantId, options), login, tenantId)
}

type Options = ConstructorParameters<typeof ClientSecretCredential>[3]

function sdkCredential(login: Login, tenantId: string, options: NonNullable<Options>): TokenCredential {
  switch (login.method) {
    case 'cli': return new AzureCliCredential({ tenantId })
    case 'client_secret': return new ClientSecretCredential(tenantId, login.clientId, login.clientSecret, options)
    case 'client_certificate': return new ClientCertificateCredential(tenantId, login.clientId, { certificate: login.certificate }, options)
  }
}

function inOurWords(credential: TokenCredential, login: Login, tenantId: string): TokenCredential {
  return {
    getToken: async (scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> => {
      try {
        return await credential.getToken(scopes, options)
      } catch (error) {
        throw asLoginError(error, login, tenantId)
      }
    }
  }
}
