import { describe, expect, it } from 'vitest'
import { cloudFromMetadata } from '../../src/config/cloud-metadata.js'

const source = 'https://management.azure.com/metadata/endpoints?api-version=2022-09-01'
const authentication = {
  loginEndpoint: 'https://login.microsoftonline.com/',
  audiences: ['https://management.core.windows.net/', 'https://management.azure.com/'],
  tenant: 'common'
}
const cloud2019 = {
  name: 'AzureCloud',
  resourceManager: 'https://management.azure.com/',
  graph: 'https://graph.windows.net/',
  authentication
}
const cloud2022 = { ...cloud2019, microsoftGraphResourceId: 'https://graph.microsoft.com/' }
const cloud2015 = { graphEndpoint: 'https://graph.windows.net/', authentication }
const publicCloud = {
  name: 'AzureCloud',
  authority: 'https://login.microsoftonline.com',
  resourceManager: 'https://management.azure.com',
  resourceManagerAudience: 'https://management.azure.com',
  graph: 'https://graph.microsoft.com',
  exchangeAudience: 'api://AzureADTokenExchange'
}

describe('a cloud metadata document', () => {
  it('of 2022-09-01 is an object', () => {
    expect(cloudFromMetadata(cloud2022, source, 'AzurePublicCloud')).toEqual(publicCloud)
  })

  it('of 2019-05-01 is a list: azwi takes the only cloud, and finds Microsoft Graph by the Azure AD Graph', () => {
    expect(cloudFromMetadata([cloud2019], source, 'AzurePublicCloud')).toEqual(publicCloud)
  })

  it('of 2015-01-01 has no resource manager: azwi takes the origin of the document', () => {
    expect(cloudFromMetadata(cloud2015, source, 'AzurePublicCloud')).toEqual({
      ...publicCloud,
      name: 'AzurePublicCloud'
    })
  })

  const clouds = [
    cloud2019,
    {
      name: 'AzureChinaCloud',
      resourceManager: 'https://management.chinacloudapi.cn',
      graph: 'https://graph.chinacloudapi.cn',
      authentication: {
        loginEndpoint: 'https://login.chinacloudapi.cn',
        audiences: ['https://management.chinacloudapi.cn']
      }
    },
    {
      name: 'AzureUSGovernment',
      resourceManager: 'https://management.usgovcloudapi.net',
      graph: 'https://graph.windows.net',
      authentication: {
        loginEndpoint: 'https://login.microsoftonline.us',
        audiences: ['https://management.usgovcloudapi.net']
      }
    }
  ]

  it.each([
    ['AzurePublicCloud', 'https://management.azure.com', 'https://graph.microsoft.com', 'api://AzureADTokenExchange'],
    [
      'AzureChinaCloud',
      'https://management.chinacloudapi.cn',
      'https://microsoftgraph.chinacloudapi.cn',
      'api://AzureADTokenExchangeChina'
    ],
    [
      'AzureUSGovernmentCloud',
      'https://management.usgovcloudapi.net',
      'https://graph.microsoft.us',
      'api://AzureADTokenExchangeUSGov'
    ]
  ])(
    "with several clouds is searched for %s, also by the Azure CLI's name",
    (wanted, resourceManager, graph, exchangeAudience) => {
      expect(cloudFromMetadata(clouds, source, wanted)).toMatchObject({ resourceManager, graph, exchangeAudience })
    }
  )

  it('without the wanted cloud is refused, and the error lists its clouds', () => {
    expect(() => cloudFromMetadata(clouds, source, 'Mine')).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('no cloud named "Mine"') as string,
        hint: 'it has AzureCloud, AzureChinaCloud, AzureUSGovernment'
      }) as Error
    )
  })

  it.each([null, 'text', 7, {}, [], { name: 'x' }, { authentication: {} }, { authentication: { loginEndpoint: '' } }])(
    '%j is refused with an AzwiError',
    document => {
      expect(() => cloudFromMetadata(document, source, 'AzurePublicCloud')).toThrow(
        expect.objectContaining({ name: 'AzwiError' }) as Error
      )
    }
  )

  it.each([
    [[null]],
    [{ ...cloud2015, graphEndpoint: 'nonsense' }],
    [{ ...cloud2022, authentication: { loginEndpoint: 7 } }]
  ])('%j is refused with an AzwiError too', document => {
    expect(() => cloudFromMetadata(document, source, 'AzurePublicCloud')).toThrow(
      expect.objectContaining({ name: 'AzwiError' }) as Error
    )
  })
})
