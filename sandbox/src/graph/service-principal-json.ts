import type { ServicePrincipal } from './directory.js'
import type { JsonObject } from '../json.js'
import { withoutFraction } from '../dates.js'
import type { Filterable } from './filter.js'

/** Every property of a service principal with the value that a new one has, in Graph's order (recorded 2023-08). */
function template(): JsonObject {
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

/** The names of a service principal's properties. */
export const servicePrincipalProperties: readonly string[] = Object.keys(template())

/** What `$filter` and `$select` may name. */
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

/** A service principal as Graph shows it. That of a managed identity has no application, so nothing that would come from one (recorded). */
export function servicePrincipalJson(principal: ServicePrincipal): JsonObject {
  const ofApplication = principal.servicePrincipalType === 'Application'
  return {
    ...template(),
    ...(ofApplication ? {} : { info: null, signInAudience: null }),
    ...principal.otherProperties,
    id: principal.id,
    deletedDateTime: principal.deletedDateTime,
    accountEnabled: principal.accountEnabled,
    alternativeNames: [...principal.alternativeNames],
    appDisplayName: ofApplication ? principal.displayName : null,
    appId: principal.appId,
    appOwnerOrganizationId: ofApplication ? principal.appOwnerOrganizationId : null,
    createdDateTime: withoutFraction(principal.createdDateTime),
    description: principal.description,
    displayName: principal.displayName,
    notes: principal.notes,
    servicePrincipalNames: [...principal.servicePrincipalNames],
    servicePrincipalType: principal.servicePrincipalType,
    tags: [...principal.tags]
  }
}
