import { type HttpClient, isRestError, type PipelinePolicy } from '@azure/core-rest-pipeline'
import type { Cloud } from '../../config/clouds.js'
import { requireSameOrigin } from '../../net/next-link.js'
import { type ErrorFormat, undefinedIfNotFound } from '../../net/service-error.js'

/** Returns the options for every SDK of Azure Resource Manager. They turn off the SDK's retries, because the transport retries. */
export function armClientOptions(cloud: Cloud, transport: HttpClient) {
  return {
    endpoint: cloud.resourceManager,
    credentialScopes: `${cloud.resourceManagerAudience}/.default`,
    httpClient: transport,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: refuseOtherOrigins(cloud.resourceManager), position: 'perCall' as const }]
  }
}

/** The SDKs follow any link to a next page, and add the token. This policy runs before that. */
function refuseOtherOrigins(endpoint: string): PipelinePolicy {
  return {
    name: 'refuseOtherOrigins',
    sendRequest: (request, next) => {
      requireSameOrigin(request.url, endpoint, armErrorFormat.service)
      return next(request)
    }
  }
}

/** Reads all pages of a list, and converts each item. */
export async function collect<Item, Result>(
  list: AsyncIterable<Item>,
  convert: (item: Item) => Result
): Promise<Result[]> {
  const results: Result[] = []
  for await (const item of list) results.push(convert(item))
  return results
}

/**
 * Sends a delete request, and reports whether the object existed: Azure Resource Manager answers 200 if it did, and 204 or 404 if not.
 * `send` passes the options on to the SDK.
 */
export async function deletedIfFound(
  send: (options: { onResponse: (response: { status: number }) => void }) => Promise<unknown>
): Promise<boolean> {
  let status = 0
  const onResponse = (response: { status: number }): void => {
    status = response.status
  }
  await undefinedIfNotFound(send({ onResponse }))
  return status === 200
}

interface ArmErrorBody {
  error?: { code?: string; message?: string }
}

/** The errors of Azure Resource Manager. */
export const armErrorFormat: ErrorFormat = {
  service: 'Azure Resource Manager',
  responseOf: error => {
    if (!isRestError(error) || error.statusCode === undefined) return undefined
    const { error: details } = parseBody(error.response?.bodyAsText)
    return { status: error.statusCode, code: details?.code ?? error.code, message: details?.message ?? error.message }
  },
  hints: {
    0: 'check the network and the proxy settings, then run the same line again',
    401: 'log in again: az login',
    403: 'assigning roles takes Role Based Access Control Administrator, User Access Administrator or Owner at the scope',
    ResourceGroupNotFound:
      'groups are listed by: az group list --query "[].name"; those of another subscription take --subscription-id'
  }
}

/** The errors of Azure Resource Manager, with hints for managed identities. */
export const managedIdentityErrorFormat: ErrorFormat = {
  ...armErrorFormat,
  hints: {
    ...armErrorFormat.hints,
    403: 'managed identities take the role Managed Identity Contributor on their resource group'
  }
}

function parseBody(text: string | null | undefined): ArmErrorBody {
  try {
    return JSON.parse(text ?? '') as ArmErrorBody
  } catch {
    return {}
  }
}
