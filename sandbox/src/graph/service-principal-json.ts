import type { ServicePrincipal } from './directory.js'
import type { JsonObject } from '../json.js'
import { withoutFraction } from '../dates.js'
import type { Filterable } from './filter.js'

/** Returns all properties of a service principal with their initial values, in Graph's order (recorded 2023-08). */
function initialProperties(): JsonObject {
  return {
    id: null,
    deletedDateTime: null,
    accountEnabled: true,
    alternativeNames: [],
    appDisplayName: null,
    appDescription: null,
    appId: null,
    applicationTemplateId: null,
    appOwnerOrganizationId: null,
    appRoleAssignmentRequired: false,
    createdDateTime: null,
    description: null,
    disabledByMicrosoftStatus: null,
    displayName: null,
    homepage: null,
    loginUrl: null,
    logoutUrl: null,
    notes: null,
    notificationEmailAddresses: [],
    preferredSingleSignOnMode: null,
    preferredTokenSigningKeyThumbprint: null,
    replyUrls: [],
    servicePrincipalNames: [],
    servicePrincipalType: 'Application',
    signInAudience: 'AzureADMyOrg',
    tags: [],
    tokenEncryptionKeyId: null,
    samlSingleSignOnSettings: null,
    addIns: [],
    appRoles: [],
    info: { logoUrl: null, marketingUrl: null, privacyStatementUrl: null, supportUrl: null, termsOfServiceUrl: null },
    keyCredentials: [],
    oauth2PermissionScopes: [],
    passwordCredentials: [],
    resourceSpecificApplicationPermissions: [],
    verifiedPublisher: { displayName: null, verifiedPublisherId: null, addedDateTime: null }
  }
}

/** The names of all properties of a service principal. */
export const servicePrincipalProperties: readonly string[] = Object.keys(initialProperties())

/** The properties that `$filter` and `$select` can name. */
export const servicePrincipalFilterable: Filterable = {
  resource: 'ServicePrincipal',
  type: 'microsoft.graph.servicePrincipal',
  properties: servicePrincipalProperties,
  operators: {
    id: ['eq', 'in'],
    accountEnabled: ['eq'],
    alternativeNames: ['any'],
    appId: ['eq', 'in'],
    displayName: ['eq', 'in', 'startswith'],
    servicePrincipalNames: ['any'],
    servicePrincipalType: ['eq', 'in'],
    tags: ['any']
  },
  caseSensitive: false,
  combinations: true
}

/**
 * Returns a service principal as Graph shows it. That of a managed identity lacks the properties of an application
 * (recorded).
 */
export function servicePrincipalJson(principal: ServicePrincipal): JsonObject {
  const hasApplication = principal.servicePrincipalType === 'Application'
  return {
    ...initialProperties(),
    ...(hasApplication ? {} : { info: null, signInAudience: null }),
    ...principal.otherProperties,
    id: principal.id,
    deletedDateTime: principal.deletedDateTime,
    accountEnabled: principal.accountEnabled,
    alternativeNames: [...principal.alternativeNames],
    appDisplayName: hasApplication ? principal.displayName : null,
    appId: principal.appId,
    appOwnerOrganizationId: hasApplication ? principal.appOwnerOrganizationId : null,
    createdDateTime: withoutFraction(principal.createdDateTime),
    description: principal.description,
    displayName: principal.displayName,
    notes: principal.notes,
    servicePrincipalNames: [...principal.servicePrincipalNames],
    servicePrincipalType: principal.servicePrincipalType,
    tags: [...principal.tags]
  }
}
