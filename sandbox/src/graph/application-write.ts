import { hasUniqueName } from './application-lookup.js'
import { sevenDecimals } from '../dates.js'
import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { applicationProperties } from './application-json.js'
import type { Application } from './directory.js'
import { badRequest } from './errors.js'
import { checkNames, invalidValue, optionalString, optionalStrings, requiredString, type Writable } from './request.js'

const resource = 'Application'

/** Passwords are read-only here, because only `addPassword` adds one (Graph reference, application). */
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

/** The properties that the state stores by name. It stores all others as the client sent them. */
const storedByName = ['displayName', 'description', 'identifierUris', 'notes', 'signInAudience', 'tags', 'uniqueName']

/** In characters (Graph reference, application). */
const maximumDisplayNameLength = 256

/**
 * Creates an application. Requires a display name, which need not be unique. A unique name must be. Throws a GraphError
 * for an invalid body.
 */
export function createApplication(state: State, body: JsonObject): Application {
  checkNames(body, writable)
  const application: Application = {
    id: state.uuid(),
    appId: state.uuid(),
    displayName: requiredString(body, 'displayName', resource, maximumDisplayNameLength),
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

/**
 * Changes the properties in the body: all of them, or none if one is invalid. The service principal gets the
 * application's display name.
 */
export function updateApplication(state: State, application: Application, body: JsonObject): void {
  checkNames(body, writable)
  if (body.displayName !== undefined) requiredString(body, 'displayName', resource, maximumDisplayNameLength)
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
  if (uniqueName !== undefined) setUniqueName(state, application, uniqueName)
  for (const [name, value] of Object.entries(body)) {
    if (!storedByName.includes(name) && !name.startsWith('@odata.')) application.otherProperties[name] = value
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
 * Sets the unique name of an application, which can be set only once. A deleted application keeps its name until it is
 * permanently deleted. The error does not say that the other object is a deleted one
 * (microsoftgraph/msgraph-bicep-types #137).
 */
function setUniqueName(state: State, application: Application, uniqueName: string | null): void {
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
