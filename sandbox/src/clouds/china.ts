import { applicationIds, type Cloud, withAndWithoutSlash } from './cloud.js'

/**
 * Creates Azure in China, operated by 21Vianet. Sources: recordings for version 2019 of the metadata, azure-cli's list
 * of clouds for the rest.
 */
export function chinaCloud(): Cloud {
  return {
    name: 'AzureChinaCloud',
    hosts: {
      // MSAL uses the second one by itself.
      entra: ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
      graph: ['microsoftgraph.chinacloudapi.cn'],
      arm: ['management.chinacloudapi.cn']
    },
    tokenIssuer: 'https://sts.chinacloudapi.cn/',
    audience: 'api://AzureADTokenExchangeChina',
    graphAudiences: [...withAndWithoutSlash('https://microsoftgraph.chinacloudapi.cn'), applicationIds.graph],
    armAudiences: [
      ...withAndWithoutSlash('https://management.chinacloudapi.cn', 'https://management.core.chinacloudapi.cn'),
      applicationIds.arm
    ],
    workloadAudiences: [
      'https://vault.azure.cn',
      'https://managedhsm.azure.cn',
      'https://storage.azure.com',
      'https://database.chinacloudapi.cn',
      'https://ossrdbms-aad.database.chinacloudapi.cn',
      'https://servicebus.azure.net',
      'https://eventhubs.azure.net',
      'https://cognitiveservices.azure.cn',
      'https://containerregistry.azure.net',
      'https://cosmos.azure.com'
    ],
    published: {
      since2019: {
        portal: 'https://portal.azure.cn',
        media: 'https://rest.media.chinacloudapi.cn',
        graphAudience: 'https://graph.chinacloudapi.cn',
        graph: 'https://graph.chinacloudapi.cn',
        suffixes: {
          acrLoginServer: 'azurecr.cn',
          sqlServerHostname: 'database.chinacloudapi.cn',
          keyVaultDns: 'vault.azure.cn',
          storage: 'core.chinacloudapi.cn',
          azureFrontDoorEndpointSuffix: ''
        },
        batch: 'https://batch.chinacloudapi.cn',
        vmImageAliasDoc:
          'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json',
        sqlManagement: 'https://management.core.chinacloudapi.cn:8443',
        gallery: 'https://gallery.chinacloudapi.cn'
      },
      since2022: {
        suffixes: {
          mysqlServerEndpoint: 'mysql.database.chinacloudapi.cn',
          postgresqlServerEndpoint: 'postgres.database.chinacloudapi.cn',
          mariadbServerEndpoint: 'mariadb.database.chinacloudapi.cn',
          synapseAnalytics: 'dev.azuresynapse.azure.cn'
        },
        appInsightsResourceId: 'https://api.applicationinsights.azure.cn',
        appInsightsTelemetryChannelResourceId: 'https://dc.applicationinsights.azure.cn/v2/track',
        synapseAnalyticsResourceId: 'https://dev.azuresynapse.azure.cn',
        logAnalyticsResourceId: 'https://api.loganalytics.azure.cn',
        ossrDbmsResourceId: 'https://ossrdbms-aad.database.chinacloudapi.cn'
      }
    }
  }
}
