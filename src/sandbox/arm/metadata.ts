import type { Handler, Route } from '../http.js'
import type { JsonObject, World } from '../world.js'
import { json } from './answers.js'
import { requireApiVersion } from './api-versions.js'
import { ArmError } from './errors.js'
import { path } from './route.js'

/**
 * `GET /metadata/endpoints`, without a token: from this document a tool learns where everything else is. The three published shapes: a small
 * object (2015-01-01), an array of clouds (2019-05-01), one cloud (2022-09-01) (recorded).
 */
export function metadataRoute(world: World): Route {
  const handler: Handler = request => {
    requireApiVersion(request)
    const version = request.query.get('api-version') ?? ''
    const body = documentFor(world, version)
    if (body === undefined) {
      throw new ArmError(400, 'InvalidApiVersionParameter',
        `The api-version '${version}' is invalid. The supported versions are '2022-09-01,2019-05-01,2015-01-01'.`)
    }
    // The array is the one answer of ARM that is no object.
    return Array.isArray(body) ? { ...json(200, {}), body } : json(200, body)
  }
  return { method: 'GET', pattern: path('metadata/endpoints'), handler }
}

function documentFor(world: World, version: string): JsonObject | JsonObject[] | undefined {
  switch (version) {
    case '2015-01-01': return version2015(world)
    case '2019-05-01': return [version2019(world)]
    case '2022-09-01': return version2022(world)
    default: return undefined
  }
}

function version2015({ endpoints, cloud }: World): JsonObject {
  return {
    galleryEndpoint: 'https://gallery.azure.com/',
    graphEndpoint: 'https://graph.windows.net/',
    portalEndpoint: 'https://portal.azure.com/',
    authentication: { loginEndpoint: `${endpoints.entra}/`, audiences: publishedAudiences(cloud.armAudiences) }
  }
}

function version2019(world: World): JsonObject {
  const { endpoints, cloud } = world
  return {
    portal: 'https://portal.azure.com',
    authentication: { loginEndpoint: `${endpoints.entra}/`, audiences: publishedAudiences(cloud.armAudiences), tenant: 'common', identityProvider: 'AAD' },
    media: 'https://rest.media.azure.net',
    graphAudience: 'https://graph.windows.net/',
    graph: 'https://graph.windows.net/',
    name: cloud.name,
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
    resourceManager: `${endpoints.arm}/`,
    vmImageAliasDoc: 'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json',
    activeDirectoryDataLake: 'https://datalake.azure.net/',
    sqlManagement: 'https://management.core.windows.net:8443/',
    gallery: 'https://gallery.azure.com/'
  }
}

/** The newest shape: no gallery any more, no slash after the login endpoint, and Microsoft Graph by name. */
function version2022(world: World): JsonObject {
  const common = version2019(world)
  delete common.gallery
  return {
    ...common,
    authentication: {
      loginEndpoint: world.endpoints.entra, audiences: publishedAudiences(world.cloud.armAudiences), tenant: 'common', identityProvider: 'AAD'
    },
    suffixes: {
      ...common.suffixes as JsonObject,
      storageSyncEndpointSuffix: 'afs.azure.net',
      mhsmDns: 'managedhsm.azure.net',
      mysqlServerEndpoint: 'mysql.database.azure.com',
      postgresqlServerEndpoint: 'postgres.database.azure.com',
      mariadbServerEndpoint: 'mariadb.database.azure.com',
      synapseAnalytics: 'dev.azuresynapse.net',
      attestationEndpoint: 'attest.azure.net'
    },
    microsoftGraphResourceId: `${world.endpoints.graph}/`,
    appInsightsResourceId: 'https://api.applicationinsights.io',
    appInsightsTelemetryChannelResourceId: 'https://dc.applicationinsights.azure.com/v2/track',
    attestationResourceId: 'https://attest.azure.net',
    synapseAnalyticsResourceId: 'https://dev.azuresynapse.net',
    logAnalyticsResourceId: 'https://api.loganalytics.io',
    ossrDbmsResourceId: 'https://ossrdbms-aad.database.windows.net'
  }
}

/** Published are addresses, never the GUID; with a slash at the end where the cloud takes both. */
function publishedAudiences(audiences: readonly string[]): string[] {
  const addresses = audiences.filter(audience => audience.startsWith('https:'))
  return addresses.filter(address => address.endsWith('/') || !addresses.includes(`${address}/`))
}
