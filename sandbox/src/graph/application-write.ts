import { hasUniqueName } from './application-lookup.js'
import { sevenDecimals } from '../dates.js'
import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { applicationProperties } from './application-json.js'
import type { Application } from './directory.js'
import { badRequest } from './errors.js'
import { checkNames, invalidValue, optionalString, optionalStrings, requiredString, type Writable } from './request.js'

const resource = 'Application'

/** Passwords are added by `addPassword` only (Graph reference, application). */
const writable: Writable = {
  resource,
  properties: applicationProperties,
  readOnly: [
    'id',
    'deletedDateTime',
    'appId',
    'applicationTemplateId',
    'disabledByMicrosoftStatus',
    'createdDateTime',
    'publisherDomain',
    'certification',
    'passwordCredentials',
    'verifiedPublisher'
  ]
}

/** Properties that the world keeps by name; the rest is kept as it was written. */
const named = ['displayName', 'description', 'identifierUris', 'notes', 'signInAudience', 'tags', 'uniqueName']

/** Max. length of a display name (Graph reference, application: 256 characters). */
const maximumDisplayName = 256

/** Makes an application and puts it into the directory. A display name is needed and need not be unique; a unique name must be. */
export function createApplication(state: State, body: JsonObject): Application {
  checkNames(body, writable)
  const application: Application = {
    id: state.uuid(),
    appId: state.uuid(),
    displayName: requiredString(body, 'displayName', resource, maximumDisplayName),
    uniqueName: null,
    description: null,
    notes: null,
    tags: [],
    signInAudience: 'AzureADMyOrg',
    identifierUris: [],
    createdDateTime: sevenDecimals(state.now(), '0001'),
    deletedDateTime: null,
    federatedIdentityCredentials: [],
    otherProperties: {}
  }
  applyTo(state, application, body)
  state.applications.set(application.id, application)
  state.replication.written('application', application.id)
  return application
}

/** Changes what the body names, all or nothing, and renames the service principal along with its application. */
export function updateApplication(state: State, application: Application, body: JsonObject): void {
  checkNames(body, writable)
  if (body.displayName !== undefined) requiredString(body, 'displayName', resource, maximumDisplayName)
  const changed = structuredClone(application)
  applyTo(state, changed, body)
  Object.assign(application, changed)
  for (const principal of state.servicePrincipals.values()) {
    if (principal.appId === application.appId) principal.displayName = application.displayName
  }
}

function applyTo(state: State, application: Application, body: JsonObject): void {
  application.displayName = optionalString(body, 'displayName', resource) ?? application.displayName
  const description = optionalString(body, 'description', resource, 1024)
  if (description !== undefined) application.description = description
  const notes = optionalString(body, 'notes', resource)
  if (notes !== undefined) application.notes = notes
  application.tags = optionalStrings(body, 'tags', resource) ?? application.tags
  application.signInAudience = signInAudience(body) ?? application.signInAudience
  application.identifierUris = identifierUris(state, application, body) ?? application.identifierUris
  const uniqueName = optionalString(body, 'uniqueName', resource)
  if (uniqueName !== undefined) claimUniqueName(state, application, uniqueName)
  for (const [name, value] of Object.entries(body)) {
    if (!named.includes(name) && !name.startsWith('@odata.')) application.otherProperties[name] = value
  }
}

function signInAudience(body: JsonObject): string | null | undefined {
  const value = optionalString(body, 'signInAudience', resource)
  const known = [
    'AzureADMyOrg',
    'AzureADMultipleOrgs',
    'AzureADandPersonalMicrosoftAccount',
    'PersonalMicrosoftAccount'
  ]
  if (typeof value === 'string' && !known.includes(value)) throw invalidValue('signInAudience', resource)
  return value
}

function identifierUris(state: State, application: Application, body: JsonObject): string[] | undefined {
  const uris = optionalStrings(body, 'identifierUris', resource)
  const taken = [...state.applications.values()].some(
    other => other.id !== application.id && other.identifierUris.some(uri => uris?.includes(uri))
  )
  if (taken) throw badRequest('Another object with the same value for property identifierUris already exists.')
  return uris
}

/**
 * Gives the application its unique name, which it keeps for ever. A soft-deleted application keeps its name too: until it is purged, nobody
 * else can have it, and Graph gives no hint that the other object is a deleted one (microsoftgraph/msgraph-bicep-types #137).
 */
export function claimUniqueName(state: State, application: Application, uniqueName: string | null): void {
  if (uniqueName === application.uniqueName) return
  if (uniqueName === null || application.uniqueName !== null)
    throw badRequest("Property 'uniqueName' is immutable and cannot be changed once it is set.")
  if (uniqueName === '') throw invalidValue('uniqueName', 'Application')
  const others = [...state.applications.values(), ...state.deletedApplications.values()]
  if (others.some(other => other.id !== application.id && hasUniqueName(other, uniqueName))) {
    throw badRequest('Another object with the same value for property uniqueName already exists.')
  }
  application.uniqueName = uniqueName
}
