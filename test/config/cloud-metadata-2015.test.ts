import { describe, expect, it } from 'vitest'
import { cloudFromMetadata } from '../../src/config/cloud-metadata.js'

/** Version 2015-01-01 names neither the cloud nor its resource manager. Both follow from the address of the document. */
const document = (login: string, graph: string, ...audiences: readonly string[]) => ({
  graphEndpoint: graph,
  authentication: { loginEndpoint: login, audiences }
})

describe('the metadata document of 2015-01-01', () => {
  it.each([
    [
      'US Government',
      'https://management.usgovcloudapi.net',
      document(
        'https://login.microsoftonline.us/',
        'https://graph.windows.net/',
        'https://management.core.usgovcloudapi.net/',
        'https://management.usgovcloudapi.net/'
      ),
      {
        authority: 'https://login.microsoftonline.us',
        graph: 'https://graph.microsoft.us',
        exchangeAudience: 'api://AzureADTokenExchangeUSGov'
      }
    ],
    [
      'China',
      'https://management.chinacloudapi.cn',
      document(
        'https://login.chinacloudapi.cn/',
        'https://graph.chinacloudapi.cn/',
        'https://management.core.chinacloudapi.cn/',
        'https://management.chinacloudapi.cn/'
      ),
      {
        authority: 'https://login.chinacloudapi.cn',
        graph: 'https://microsoftgraph.chinacloudapi.cn',
        exchangeAudience: 'api://AzureADTokenExchangeChina'
      }
    ],
    [
      'the public cloud',
      'https://management.azure.com',
      document(
        'https://login.windows.net/',
        'https://graph.windows.net/',
        'https://management.core.windows.net/',
        'https://management.azure.com/'
      ),
      {
        authority: 'https://login.windows.net',
        graph: 'https://graph.microsoft.com',
        exchangeAudience: 'api://AzureADTokenExchange'
      }
    ]
  ])('of %s is recognized by its address, without --azure-env', (_, resourceManager, published, expected) => {
    const found = cloudFromMetadata(
      published,
      `${resourceManager}/metadata/endpoints?api-version=2015-01-01`,
      'AzurePublicCloud'
    )
    expect(found).toMatchObject({ ...expected, resourceManager, resourceManagerAudience: resourceManager })
  })
})
