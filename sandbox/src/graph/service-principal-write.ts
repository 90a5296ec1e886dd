import { wholeSeconds } from '../dates.js'
import type { Application, ServicePrincipal } from './directory.js'
import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { findByClientId, isVisible } from './application-lookup.js'
import { badRequest, GraphError } from './errors.js'
import { checkNames, invalidValue, optionalString, optionalStrings, requiredString, type Writable } from './request.js'
import { servicePrincipalProperties } from './service-principal-json.js'

const resource = 'ServicePrincipal'

const writable: Writable = {
  resource,
  properties: servicePrincipalProperties,
  readOnly: [
    'id',
    'deletedDateTime',
    'appDisplayName',
    'appDescription',
    'applicationTemplateId',
    'appOwnerOrganizationId',
    'createdDateTime',
    'disabledByMicrosoftStatus',
    'signInAudience',
    'verifiedPublisher',
    'passwordCredentials'
  ]
}

/** The properties that the state stores by name. It stores all others as the client sent them. */
const storedByName = [
  'accountEnabled',
  'alternativeNames',
  'appId',
  'description',
  'displayName',
  'notes',
  'servicePrincipalNames',
  'servicePrincipalType',
  'tags'
]

/**
 * Creates the service principal of an application. It gets the application's name. An application has only one in a
 * tenant (recorded). `requireAccess` throws if the caller may not create one for the application.
 */
export function createServicePrincipal(
  state: State,
  body: JsonObject,
  requireAccess: (application: Application) => void = () => undefined
): ServicePrincipal {
  checkNames(body, writable)
  const appId = requiredString(body, 'appId', resource).toLowerCase()
  const application = findByClientId(state, appId)
  if (application === undefined || !isVisible(state, application)) {
    throw badRequest(`The appId '${appId}' of the service principal does not reference a valid application object.`)
  }
  requireAccess(application)
  if (findServicePrincipal(state, appId) !== undefined) {
    throw new GraphError(
      409,
      'Request_MultipleObjectsWithSameKeyValue',
      `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`
    )
  }
  const principal: ServicePrincipal = {
    id: state.uuid(),
    appId,
    displayName: application.displayName,
    description: null,
    notes: null,
    tags: [],
    accountEnabled: true,
    servicePrincipalType: 'Application',
    appOwnerOrganizationId: state.tenantId,
    servicePrincipalNames: [...application.identifierUris, appId],
    alternativeNames: [],
    createdDateTime: wholeSeconds(state.now()),
    deletedDateTime: null,
    otherProperties: { signInAudience: application.signInAudience }
  }
  applyTo(principal, body)
  state.servicePrincipals.set(principal.id, principal)
  state.replication.written('servicePrincipal', principal.id)
  return principal
}

/** Changes the properties in the body: all of them, or none if one is invalid. */
export function updateServicePrincipal(principal: ServicePrincipal, body: JsonObject): void {
  checkNames(body, writable)
  const changed = structuredClone(principal)
  applyTo(changed, body)
  Object.assign(principal, changed)
}

/** Finds a service principal by its client ID. It belongs to an application or a managed identity. */
export function findServicePrincipal(state: State, appId: string): ServicePrincipal | undefined {
  return [...state.servicePrincipals.values()].find(principal => principal.appId === appId.toLowerCase())
}

function applyTo(principal: ServicePrincipal, body: JsonObject): void {
  checkApplicationProperties(principal, body)
  const description = optionalString(body, 'description', resource, 1024)
  if (description !== undefined) principal.description = description
  const notes = optionalString(body, 'notes', resource, 1024)
  if (notes !== undefined) principal.notes = notes
  principal.tags = optionalStrings(body, 'tags', resource) ?? principal.tags
  principal.alternativeNames = optionalStrings(body, 'alternativeNames', resource) ?? principal.alternativeNames
  principal.servicePrincipalNames =
    optionalStrings(body, 'servicePrincipalNames', resource) ?? principal.servicePrincipalNames
  const accountEnabled = body.accountEnabled ?? principal.accountEnabled
  if (typeof accountEnabled !== 'boolean') throw invalidValue('accountEnabled', resource)
  principal.accountEnabled = accountEnabled
  for (const [name, value] of Object.entries(body)) {
    if (!storedByName.includes(name) && !name.startsWith('@odata.')) principal.otherProperties[name] = value
  }
}

/** Throws a 400 if the body changes a property that belongs to the application. It can repeat the current value. */
function checkApplicationProperties(principal: ServicePrincipal, body: JsonObject): void {
  for (const name of ['appId', 'displayName', 'servicePrincipalType'] as const) {
    const value = body[name]
    const same = typeof value === 'string' && value.toLowerCase() === principal[name].toLowerCase()
    if (value !== undefined && !same)
      throw badRequest(`Property ${name} on the service principal does not match the application object.`)
  }
}
