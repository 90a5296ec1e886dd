import type { Application, ClaimsMatchingExpression, FederatedIdentityCredential } from './directory.js'
import { isJsonObject, type JsonObject } from '../json.js'
import type { State } from '../state.js'
import { badRequest } from './errors.js'
import { checkCredential } from './federated-credential-rules.js'
import { checkNames, invalidValue, optionalString, optionalStrings, requiredString, type Writable } from './request.js'

const resource = 'FederatedIdentityCredential'

/** The names of all properties of a credential, in Graph's order (recorded). */
export const credentialProperties: readonly string[] = ['id', 'name', 'issuer', 'subject', 'description', 'audiences']

/** Those of `/beta`, which also has flexible credentials. */
export const betaCredentialProperties: readonly string[] = [...credentialProperties, 'claimsMatchingExpression']

const writable: Writable = { resource, properties: credentialProperties, readOnly: ['id'] }
const betaWritable: Writable = { ...writable, properties: betaCredentialProperties }

/** Adds a credential to an application. Throws a GraphError if the application cannot have it. */
export function addCredential(
  state: State,
  application: Application,
  body: JsonObject,
  version: 'v1.0' | 'beta' = 'v1.0'
): FederatedIdentityCredential {
  checkNames(body, version === 'beta' ? betaWritable : writable)
  const claimsMatchingExpression = readExpression(body)
  const credential: FederatedIdentityCredential = {
    id: state.uuid(),
    name: requiredString(body, 'name', resource),
    issuer: requiredString(body, 'issuer', resource),
    subject: claimsMatchingExpression === undefined ? requiredString(body, 'subject', resource) : '',
    ...(claimsMatchingExpression === undefined ? {} : { claimsMatchingExpression }),
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

/**
 * Reads the expression of a flexible credential. Such a credential must not have a subject (Graph reference,
 * federatedIdentityCredential of `/beta`).
 */
function readExpression({ claimsMatchingExpression, subject }: JsonObject): ClaimsMatchingExpression | undefined {
  if (claimsMatchingExpression === undefined || claimsMatchingExpression === null) return undefined
  const { value, languageVersion } = isJsonObject(claimsMatchingExpression) ? claimsMatchingExpression : {}
  if (typeof value !== 'string' || value === '' || languageVersion !== 1 || (subject !== undefined && subject !== null))
    throw invalidValue('claimsMatchingExpression', resource)
  return { value, languageVersion }
}

/** Returns a credential as Graph shows it. v1.0 has no expressions, and the subject of a flexible credential is null. */
export function credentialJson(credential: FederatedIdentityCredential, version: 'v1.0' | 'beta' = 'v1.0'): JsonObject {
  const { id, name, issuer, subject, description, audiences, claimsMatchingExpression } = credential
  return {
    id,
    name,
    issuer,
    subject: claimsMatchingExpression === undefined ? subject : null,
    description,
    audiences: [...audiences],
    ...(version === 'beta'
      ? { claimsMatchingExpression: claimsMatchingExpression === undefined ? null : { ...claimsMatchingExpression } }
      : {})
  }
}
