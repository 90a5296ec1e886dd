import type { Application, FederatedIdentityCredential } from './directory.js'
import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { badRequest } from './errors.js'
import { checkCredential } from './federated-credential-rules.js'
import { checkNames, optionalString, optionalStrings, requiredString, type Writable } from './request.js'

const resource = 'FederatedIdentityCredential'

/** The names of all properties of a credential, in Graph's order (recorded). */
export const credentialProperties: readonly string[] = ['id', 'name', 'issuer', 'subject', 'description', 'audiences']

const writable: Writable = { resource, properties: credentialProperties, readOnly: ['id'] }

/** Adds a credential to an application. Throws a GraphError if the application cannot have it. */
export function addCredential(state: State, application: Application, body: JsonObject): FederatedIdentityCredential {
  checkNames(body, writable)
  const credential: FederatedIdentityCredential = {
    id: state.uuid(),
    name: requiredString(body, 'name', resource),
    issuer: requiredString(body, 'issuer', resource),
    subject: requiredString(body, 'subject', resource),
    audiences: optionalStrings(body, 'audiences', resource) ?? [],
    description: optionalString(body, 'description', resource) ?? null
  }
  checkCredential(application, credential)
  application.federatedIdentityCredentials.push(credential)
  state.replication.written('federatedIdentityCredential', credential.id)
  state.replication.written('exchange', credential.id)
  return credential
}

/**
 * Changes the properties in the body: all of them, or none if one is invalid. The name cannot change (Graph reference).
 */
export function updateCredential(
  state: State,
  application: Application,
  credential: FederatedIdentityCredential,
  body: JsonObject
): void {
  checkNames(body, writable)
  const name = optionalString(body, 'name', resource)
  if (name !== undefined && name !== credential.name)
    throw badRequest("Property 'name' is read-only and cannot be set.")
  const description = optionalString(body, 'description', resource)
  const changed: FederatedIdentityCredential = {
    ...credential,
    issuer: body.issuer === undefined ? credential.issuer : requiredString(body, 'issuer', resource),
    subject: body.subject === undefined ? credential.subject : requiredString(body, 'subject', resource),
    audiences: optionalStrings(body, 'audiences', resource) ?? credential.audiences,
    description: description === undefined ? credential.description : description
  }
  checkCredential(application, changed)
  Object.assign(credential, changed)
  state.replication.written('exchange', credential.id)
}

/** Returns a credential as Graph shows it. */
export function credentialJson({
  id,
  name,
  issuer,
  subject,
  description,
  audiences
}: FederatedIdentityCredential): JsonObject {
  return { id, name, issuer, subject, description, audiences: [...audiences] }
}
