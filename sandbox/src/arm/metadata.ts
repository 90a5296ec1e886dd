import { addressesFor } from '../addresses.js'
import type { Handler, Route, SandboxRequest } from '../server/http.js'
import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { json } from './responses.js'
import { requireApiVersion } from './api-versions.js'
import { ArmError } from './errors.js'
import { path } from './gateway.js'

/**
 * The route of `GET /metadata/endpoints`, which needs no token. Tools read the addresses of the cloud from it. It has
 * three published shapes: a small object (2015-01-01), an array of clouds (2019-05-01), one cloud (2022-09-01)
 * (recorded).
 */
export function metadataRoute(state: State): Route {
  const handler: Handler = request => {
    requireApiVersion(request)
    const version = request.query.get('api-version') ?? ''
    const body = documentFor(state, request, version)
    if (body === undefined) {
      throw new ArmError(
        400,
        'InvalidApiVersionParameter',
        `The api-version '${version}' is invalid. The supported versions are '2022-09-01,2019-05-01,2015-01-01'.`
      )
    }
    // Only this response of ARM is an array.
    return Array.isArray(body) ? { ...json(200, {}), body } : json(200, body)
  }
  return { method: 'GET', pattern: path('metadata/endpoints'), handler }
}

function documentFor(state: State, request: SandboxRequest, version: string): JsonObject | JsonObject[] | undefined {
  switch (version) {
    case '2015-01-01':
      return version2015(state, request)
    case '2019-05-01':
      return [version2019List(state, request)]
    case '2022-09-01':
      return version2022(state, request)
    default:
      return undefined
  }
}

function version2015(state: State, request: SandboxRequest): JsonObject {
  const { gallery, graph, portal } = state.cloud.published.since2019
  return {
    galleryEndpoint: withSlash(gallery),
    graphEndpoint: withSlash(graph),
    portalEndpoint: withSlash(portal),
    authentication: { loginEndpoint: `${addressesFor(state, request).entra}/`, audiences: audiences(state, request) }
  }
}

function version2019(state: State, request: SandboxRequest): JsonObject {
  const { entra, arm } = addressesFor(state, request)
  const { portal, media, graphAudience, graph, suffixes, batch, ...others } = state.cloud.published.since2019
  return {
    portal,
    authentication: {
      loginEndpoint: `${entra}/`,
      audiences: audiences(state, request),
      tenant: 'common',
      identityProvider: 'AAD'
    },
    media,
    graphAudience,
    graph,
    name: state.cloud.name,
    suffixes,
    batch,
    resourceManager: `${arm}/`,
    ...others
  }
}

/** The name of the cloud of a sandbox that answers only to localhost. */
export const sandboxCloudName = 'AzwiSandbox'

/**
 * Returns the entry of the list of version 2019, which `az` reads. It replaces the login endpoint of a cloud that is named `AzureCloud`, and knows
 * Microsoft Graph only of the clouds that are built in, so a sandbox without a cloud's host names has another name and says where Graph is.
 */
function version2019List(state: State, request: SandboxRequest): JsonObject {
  const entry = version2019(state, request)
  if (state.servesCloudHosts) return entry
  return { ...entry, name: sandboxCloudName, microsoftGraphResourceId: `${addressesFor(state, request).graph}/` }
}

/**
 * Returns version 2022: version 2019 without the gallery and without the slash at the end of the login endpoint. It adds
 * Microsoft Graph and other addresses.
 */
function version2022(state: State, request: SandboxRequest): JsonObject {
  const { entra, graph } = addressesFor(state, request)
  const {
    since2019,
    since2022: { suffixes, ...others }
  } = state.cloud.published
  const common = version2019(state, request)
  delete common.gallery
  return {
    ...common,
    authentication: {
      loginEndpoint: entra,
      audiences: audiences(state, request),
      tenant: 'common',
      identityProvider: 'AAD'
    },
    suffixes: { ...since2019.suffixes, ...suffixes },
    microsoftGraphResourceId: `${graph}/`,
    ...others
  }
}

/**
 * Returns ARM's audiences: only addresses with a slash at the end, no GUID. Includes localhost only if the request used
 * it.
 */
function audiences(state: State, request: SandboxRequest): string[] {
  const hidden = addressesFor(state, request).arm === state.endpoints.arm ? '' : state.endpoints.arm
  return state.cloud.armAudiences.filter(
    audience => audience.startsWith('https:') && audience.endsWith('/') && audience !== `${hidden}/`
  )
}

function withSlash(address: string): string {
  return `${address.replace(/\/$/, '')}/`
}
