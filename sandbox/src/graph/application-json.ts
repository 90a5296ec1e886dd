import type { Application } from './directory.js'
import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { withoutFraction } from '../dates.js'
import type { Filterable } from './filter.js'

/** Returns all properties of an application with their initial values, in Graph's order (recorded 2024-09). */
function initialProperties(): JsonObject {
  return {
    id: null,
    deletedDateTime: null,
    appId: null,
    applicationTemplateId: null,
    disabledByMicrosoftStatus: null,
    createdDateTime: null,
    displayName: null,
    description: null,
    groupMembershipClaims: null,
    identifierUris: [],
    isDeviceOnlyAuthSupported: null,
    isFallbackPublicClient: null,
    nativeAuthenticationApisEnabled: null,
    notes: null,
    publisherDomain: null,
    serviceManagementReference: null,
    signInAudience: 'AzureADMyOrg',
    tags: [],
    tokenEncryptionKeyId: null,
    uniqueName: null,
    samlMetadataUrl: null,
    defaultRedirectUri: null,
    certification: null,
    optionalClaims: null,
    servicePrincipalLockConfiguration: null,
    requestSignatureVerification: null,
    addIns: [],
    api: {
      acceptMappedClaims: null,
      knownClientApplications: [],
      requestedAccessTokenVersion: null,
      oauth2PermissionScopes: [],
      preAuthorizedApplications: []
    },
    appRoles: [],
    info: { logoUrl: null, marketingUrl: null, privacyStatementUrl: null, supportUrl: null, termsOfServiceUrl: null },
    keyCredentials: [],
    parentalControlSettings: { countriesBlockedForMinors: [], legalAgeGroupRule: 'Allow' },
    passwordCredentials: [],
    publicClient: { redirectUris: [] },
    requiredResourceAccess: [],
    verifiedPublisher: { displayName: null, verifiedPublisherId: null, addedDateTime: null },
    web: {
      homePageUrl: null,
      logoutUrl: null,
      redirectUris: [],
      implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
      redirectUriSettings: []
    },
    spa: { redirectUris: [] }
  }
}

/** The names of all properties of an application. */
export const applicationProperties: readonly string[] = Object.keys(initialProperties())

/**
 * The properties that `$filter` and `$select` can name. The operators of `uniqueName` are those of other alternate
 * keys.
 */
export const applicationFilterable: Filterable = {
  resource: 'Application',
  type: 'microsoft.graph.application',
  properties: applicationProperties,
  operators: {
    id: ['eq', 'in'],
    appId: ['eq', 'in'],
    displayName: ['eq', 'in', 'startswith'],
    uniqueName: ['eq', 'in', 'startswith'],
    identifierUris: ['any'],
    signInAudience: ['eq', 'in', 'startswith'],
    tags: ['any']
  },
  caseSensitive: false,
  combinations: true
}

/**
 * Returns an application as Graph shows it. The response to the request that created it (`show` is `created`) has seven
 * decimals in the creation time. Every later response has whole seconds (recorded).
 */
export function applicationJson(
  state: State,
  application: Application,
  show: 'created' | 'stored' = 'stored'
): JsonObject {
  const { otherProperties, createdDateTime } = application
  return {
    ...initialProperties(),
    ...otherProperties,
    publisherDomain: `${state.tenantDisplayName.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}.onmicrosoft.com`,
    id: application.id,
    deletedDateTime: application.deletedDateTime,
    appId: application.appId,
    createdDateTime: show === 'created' ? createdDateTime : withoutFraction(createdDateTime),
    displayName: application.displayName,
    description: application.description,
    identifierUris: [...application.identifierUris],
    notes: application.notes,
    signInAudience: application.signInAudience,
    tags: [...application.tags],
    uniqueName: application.uniqueName
  }
}
