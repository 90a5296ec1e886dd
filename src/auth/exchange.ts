import type { HttpClient } from '@azure/core-rest-pipeline'
import { ClientAssertionCredential } from '@azure/identity'
import { createTrace } from './trace.js'
import type { Cloud } from '../config/clouds.js'

/** What Entra says of a service account's token: an access token for it, or why not. */
export type Exchange = { readonly accepted: true } | { readonly accepted: false; readonly reason: string }

/** Exchanges a service account's token as a pod would. The access token is thrown away. Nothing is remembered from one try to the next. */
export async function exchangeToken(assertion: string, clientId: string, tenantId: string, cloud: Cloud, transport: HttpClient): Promise<Exchange> {
  const trace = createTrace()
  const credential = new ClientAssertionCredential(tenantId, clientId, () => Promise.resolve(assertion), {
    authorityHost: cloud.authority, httpClient: { sendRequest: trace(request => transport.sendRequest(request)) }, retryOptions: { maxRetries: 0 }, disableInstanceDiscovery: true
  })
  try {
    await credential.getToken(`${cloud.resourceManagerAudience}/.default`)
    return { accepted: true }
  } catch (error) {
    const reason = /AADSTS\d+/.exec((error as Error).message)?.[0]
    if (reason === undefined) throw trace.last() ?? error
    return { accepted: false, reason }
  }
}
