import { type HttpClient, isRestError, type PipelinePolicy } from '@azure/core-rest-pipeline'
import type { Cloud } from '../../config/clouds.js'
import { requireSameOrigin } from '../../net/next-link.js'
import type { ErrorFormat } from '../../net/service-error.js'

/** What every client of Azure Resource Manager is made with: our cloud, our transport, and none of the SDK's own retries on top of ours. */
export function armClientOptions(cloud: Cloud, transport: HttpClient) {
  return {
    endpoint: cloud.resourceManager,
    credentialScopes: `${cloud.resourceManagerAudience}/.default`,
    httpClient: transport,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: refuseOtherOrigins(cloud.resourceManager), position: 'perCall' as const }]
  }
}

/** The SDKs follow any link to a next page, and sign the request for it. This policy runs first, before a token is added. */
function refuseOtherOrigins(endpoint: string): PipelinePolicy {
  return {
    name: 'refuseOtherOrigins',
    sendRequest: (request, next) => {
      requireSameOrigin(request.url, endpoint, armErrorFormat.service)
      return next(request)
    }
  }
}

interface ArmErrorBody {
  error?: { code?: string; message?: string }
}

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

function parseBody(text: string | null | undefined): ArmErrorBody {
  try {
    return JSON.parse(text ?? '') as ArmErrorBody
  } catch {
    return {}
  }
}
