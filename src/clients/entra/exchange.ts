import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline'
import { ClientAssertionCredential } from '@azure/identity'
import { withLocalDiscovery } from './discovery.js'
import type { Cloud } from '../../config/clouds.js'
import { AzwiError } from '../../errors.js'
import { createErrorRecorder } from '../../net/error-recorder.js'

/** The result of exchanging a service account's token at Entra. */
export type Exchange =
  /** `expiresAt` is in milliseconds since 1970. */
  | { readonly accepted: true; readonly tenantId: string; readonly resource: string; readonly expiresAt: number }
  /** `reason` is `AADSTS` and digits. `text` is Entra's first line, without the IDs of the request. */
  | { readonly accepted: false; readonly reason: string; readonly text: string }

/** The parameters of an exchange. */
interface ExchangeRequest {
  readonly clientId: string
  readonly tenantId: string
  /** The resource of the access token, such as `https://management.azure.com`. */
  readonly resource: string
}

/**
 * Exchanges a service account's token as a pod does. Discards the access token, and caches nothing. Throws an AzwiError if Entra
 * does not answer, or answers with anything but a token or an error of its own.
 */
export async function exchangeToken(
  assertion: string,
  { clientId, tenantId, resource }: ExchangeRequest,
  cloud: Cloud,
  transport: HttpClient
): Promise<Exchange> {
  const errors = createErrorRecorder()
  const recorded = { sendRequest: errors.record((request: PipelineRequest) => transport.sendRequest(request)) }
  const credential = new ClientAssertionCredential(tenantId, clientId, () => Promise.resolve(assertion), {
    authorityHost: cloud.authority,
    httpClient: withLocalDiscovery(recorded, tenantId),
    retryOptions: { maxRetries: 0 },
    disableInstanceDiscovery: true
  })
  try {
    const { expiresOnTimestamp } = await credential.getToken(`${resource}/.default`)
    return { accepted: true, tenantId, resource, expiresAt: expiresOnTimestamp }
  } catch (error) {
    const { message } = error as Error
    const reason = /AADSTS\d+/.exec(message)?.[0]
    if (reason === undefined) {
      const [first = ''] = message.split(/[\r\n]/, 1)
      const underneath = errors.last()
      if (underneath instanceof Error) throw underneath
      throw new AzwiError('ExchangeFailed', `Entra gave no usable answer to the exchange of the token: ${first}`, {
        hint: `try again later; if it stays so, a proxy or a portal might be in between: curl -i ${cloud.authority}`,
        cause: error
      })
    }
    const [first = ''] = message.slice(message.indexOf(reason)).split(/[\r\n]/, 1)
    return { accepted: false, reason, text: first.replace(/ Trace ID:.*$/, '') }
  }
}
