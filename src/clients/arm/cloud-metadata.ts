import { createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline'
import { cloudFromMetadata } from '../../config/cloud-metadata.js'
import type { Cloud } from '../../config/clouds.js'
import { allowUnlistedRequest } from '../../net/expected-responses.js'
import { translateErrors } from '../../net/service-error.js'
import { AzwiError } from '../../errors.js'

/** Fetches the document that lists a cloud's endpoints. Throws an AzwiError if it cannot be fetched or read. */
export async function fetchCloud(url: string, wanted: string, transport: HttpClient): Promise<Cloud> {
  const errorFormat = {
    service: `the cloud metadata endpoint ${url}`,
    responseOf: () => undefined,
    hints: { 0: 'see ARM_CLOUD_METADATA_URL, and the proxy: HTTPS_PROXY, NO_PROXY' }
  }
  const response = await translateErrors(errorFormat, "name the cloud's endpoints", () =>
    transport.sendRequest(allowUnlistedRequest(createPipelineRequest({ url })))
  )
  if (response.status !== 200)
    throw new AzwiError('CloudMetadata', `the cloud metadata endpoint ${url} answered ${response.status}`, {
      hint: 'see ARM_CLOUD_METADATA_URL'
    })
  let document: unknown
  try {
    document = JSON.parse(response.bodyAsText ?? '')
  } catch (error) {
    throw new AzwiError('CloudMetadata', `what ${url} answers is not JSON`, {
      hint: 'see ARM_CLOUD_METADATA_URL',
      cause: error
    })
  }
  return cloudFromMetadata(document, url, wanted)
}
