import { applicationIds, type Cloud, withAndWithoutSlash } from './cloud.js'

/**
 * Creates Azure US Government. Sources: recordings for version 2019 of the metadata, azure-cli's list of clouds for the
 * rest.
 */
export function usGovernmentCloud(): Cloud {
  return {
    name: 'AzureUSGovernment',
    hosts: {
      entra: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
      graph: ['graph.microsoft.us'],
      arm: ['management.usgovcloudapi.net']
    },
    tokenIssuer: 'https://sts.windows.net/',
    audience: 'api://AzureADTokenExchangeUSGov',
    graphAudiences: [...withAndWithoutSlash('https://graph.microsoft.us'), applicationIds.graph],
    armAudiences: [
      ...withAndWithoutSlash('https://management.usgovcloudapi.net', 'https://management.core.usgovcloudapi.net'),
      applicationIds.arm
    ],
    workloadAudiences: [
      'https://vault.usgovcloudapi.net',
      'https://managedhsm.usgovcloudapi.net',
      'https://storage.azure.com',
      'https://database.usgovcloudapi.net',
      'https://ossrdbms-aad.database.usgovcloudapi.net',
      'https://servicebus.azure.net',
      'https://eventhubs.azure.net',
      'https://cognitiveservices.azure.us',
      'https://containerregistry.azure.net',
      'https://cosmos.azure.com'
    ],
    published: {
      since2019: {
        portal: 'https://portal.azure.us',
        media: 'https://rest.media.usgovcloudapi.net',
        graphAudience: 'https://graph.windows.net',
        graph: 'https://graph.windows.net',
        suffixes: {
          acrLoginServer: 'azurecr.us',
          sqlServerHostname: 'database.usgovcloudapi.net',
          keyVaultDns: 'vault.usgovcloudapi.net',
          storage: 'core.usgovcloudapi.net',
          azureFrontDoorEndpointSuffix: ''
        },
        batch: 'https://batch.core.usgovcloudapi.net',
        vmImageAliasDoc:
          'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json',
        sqlManagement: 'https://management.core.usgovcloudapi.net:8443',
        gallery: 'https://gallery.usgovcloudapi.net'
      },
      since2022: {
        suffixes: {
          storageSyncEndpointSuffix: 'afs.azure.us',
          mhsmDns: 'managedhsm.usgovcloudapi.net',
          mysqlServerEndpoint: 'mysql.database.usgovcloudapi.net',
          postgresqlServerEndpoint: 'postgres.database.usgovcloudapi.net',
          mariadbServerEndpoint: 'mariadb.database.usgovcloudapi.net',
          synapseAnalytics: 'dev.azuresynapse.usgovcloudapi.net'
        },
        appInsightsResourceId: 'https://api.applicationinsights.us',
        appInsightsTelemetryChannelResourceId: 'https://dc.applicationinsights.us/v2/track',
        synapseAnalyticsResourceId: 'https://dev.azuresynapse.usgovcloudapi.net',
        logAnalyticsResourceId: 'https://api.loganalytics.us',
        ossrDbmsResourceId: 'https://ossrdbms-aad.database.usgovcloudapi.net'
      }
    }
  }
}
