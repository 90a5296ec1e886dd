import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline'
import { ClientAssertionCredential } from '@azure/identity'
import { answeringDiscovery } from './discovery.js'
import type { Cloud } from '../../config/clouds.js'
import { createErrorRecorder } from '../../net/error-recorder.js'

/** What Entra says of a service account's token: an access token for it, or why not. */
export type Exchange =
  /** `expiresAt` in milliseconds since 1970. */
  | { readonly accepted: true; readonly tenantId: string; readonly resource: string; readonly expiresAt: number }
  /** `reason` is `AADSTS` and digits; `text` Entra's first line, without the ids of the request. */
  | { readonly accepted: false; readonly reason: string; readonly text: string }

export interface ExchangeFor {
  readonly clientId: string
  readonly tenantId: string
  /** What the access token is for, such as `https://management.azure.com`. */
  readonly resource: string
}

/** Exchanges a service account's token as a pod would. The access token is thrown away. Nothing is remembered from one try to the next. */
export async function exchangeToken(
  assertion: string,
  { clientId, tenantId, resource }: ExchangeFor,
  cloud: Cloud,
  transport: HttpClient
): Promise<Exchange> {
  const errors = createErrorRecorder()
  const recorded = { sendRequest: errors.record((request: PipelineRequest) => transport.sendRequest(request)) }
  const credential = new ClientAssertionCredential(tenantId, clientId, () => Promise.resolve(assertion), {
    authorityHost: cloud.authority,
    httpClient: answeringDiscovery(recorded, tenantId),
    retryOptions: { maxRetries: 0 },
    disableInstanceDiscovery: true
  })
  try {
    const { expiresOnTimestamp } = await credential.getToken(`${resource}/.default`)
    return { accepted: true, tenantId, resource, expiresAt: expiresOnTimestamp }
  } catch (error) {
    const { message } = error as Error
    const reason = /AADSTS\d+/.exec(message)?.[0]
    if (reason === undefined) throw errors.last() ?? error
    const [first = ''] = message.slice(message.indexOf(reason)).split(/[\r\n]/, 1)
    return { accepted: false, reason, text: first.replace(/ Trace ID:.*$/, '') }
  }
}
