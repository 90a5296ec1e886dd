import { applicationIds, type Cloud, withAndWithoutSlash } from './cloud.js'

/** Creates the public cloud. Sources: recordings for the metadata, MSAL for the aliases of the login host. */
export function publicCloud(): Cloud {
  return {
    name: 'AzureCloud',
    hosts: {
      entra: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
      graph: ['graph.microsoft.com'],
      arm: ['management.azure.com']
    },
    tokenIssuer: 'https://sts.windows.net/',
    audience: 'api://AzureADTokenExchange',
    graphAudiences: [...withAndWithoutSlash('https://graph.microsoft.com'), applicationIds.graph],
    armAudiences: [
      ...withAndWithoutSlash('https://management.azure.com', 'https://management.core.windows.net'),
      applicationIds.arm
    ],
    workloadAudiences: [
      'https://vault.azure.net',
      'https://managedhsm.azure.net',
      'https://storage.azure.com',
      'https://database.windows.net',
      'https://ossrdbms-aad.database.windows.net',
      'https://servicebus.azure.net',
      'https://eventhubs.azure.net',
      'https://cognitiveservices.azure.com',
      'https://containerregistry.azure.net',
      'https://cosmos.azure.com'
    ],
    published: {
      since2019: {
        portal: 'https://portal.azure.com',
        media: 'https://rest.media.azure.net',
        graphAudience: 'https://graph.windows.net/',
        graph: 'https://graph.windows.net/',
        suffixes: {
          azureDataLakeStoreFileSystem: 'azuredatalakestore.net',
          acrLoginServer: 'azurecr.io',
          sqlServerHostname: 'database.windows.net',
          azureDataLakeAnalyticsCatalogAndJob: 'azuredatalakeanalytics.net',
          keyVaultDns: 'vault.azure.net',
          storage: 'core.windows.net',
          azureFrontDoorEndpointSuffix: 'azurefd.net'
        },
        batch: 'https://batch.core.windows.net/',
        vmImageAliasDoc:
          'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json',
        activeDirectoryDataLake: 'https://datalake.azure.net/',
        sqlManagement: 'https://management.core.windows.net:8443/',
        gallery: 'https://gallery.azure.com/'
      },
      since2022: {
        suffixes: {
          storageSyncEndpointSuffix: 'afs.azure.net',
          mhsmDns: 'managedhsm.azure.net',
          mysqlServerEndpoint: 'mysql.database.azure.com',
          postgresqlServerEndpoint: 'postgres.database.azure.com',
          mariadbServerEndpoint: 'mariadb.database.azure.com',
          synapseAnalytics: 'dev.azuresynapse.net',
          attestationEndpoint: 'attest.azure.net'
        },
        appInsightsResourceId: 'https://api.applicationinsights.io',
        appInsightsTelemetryChannelResourceId: 'https://dc.applicationinsights.azure.com/v2/track',
        attestationResourceId: 'https://attest.azure.net',
        synapseAnalyticsResourceId: 'https://dev.azuresynapse.net',
        logAnalyticsResourceId: 'https://api.loganalytics.io',
        ossrDbmsResourceId: 'https://ossrdbms-aad.database.windows.net'
      }
    }
  }
}
