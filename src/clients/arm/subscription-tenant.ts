import { createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline'
import type { Cloud } from '../../config/clouds.js'
import { AzwiError, ExitCode } from '../../errors.js'
import { armErrorFormat } from './sdk.js'
import { translateErrors } from '../../net/service-error.js'

/**
 * Returns the ID of a subscription's tenant. Sends a request without a token: Azure Resource Manager answers 401, with the tenant's
 * authority in `WWW-Authenticate`. Source: the Go azwi. Throws an AzwiError if the subscription does not exist.
 */
export async function tenantOfSubscription(
  subscriptionId: string,
  cloud: Cloud,
  transport: HttpClient
): Promise<string> {
  const url = `${cloud.resourceManager}/subscriptions/${subscriptionId}?api-version=2022-12-01`
  const response = await translateErrors(armErrorFormat, `name the tenant of subscription ${subscriptionId}`, () =>
    transport.sendRequest(createPipelineRequest({ url }))
  )
  const tenant = /authorization_uri="?https:\/\/[^/"]+\/([0-9a-f-]{36})/i.exec(
    response.headers.get('www-authenticate') ?? ''
  )?.[1]
  if (tenant !== undefined) return tenant.toLowerCase()
  throw new AzwiError('SubscriptionNotFound', `there is no subscription ${subscriptionId} in ${cloud.name}`, {
    hint: 'list yours: az account list --query "[].{name:name, id:id}"',
    exitCode: ExitCode.usage
  })
}
