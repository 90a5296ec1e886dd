import { isJsonObject, type JsonObject } from '../json.js'
import type { FederatedIdentityCredential } from '../graph/directory.js'
import type { ManagedIdentity } from './resources.js'
import { badRequest } from './errors.js'

/**
 * From azure-cli, and the error table of Entra's workload identity federation considerations. Unlike Graph, ARM refuses
 * `=`.
 */
const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_-]{2,119}$/

/** Per identity (Entra, workload identity federation considerations). */
const maximumCredentials = 20

/** Of a value, in characters (Entra, workload identity federation considerations). */
const maximumLength = 600

/**
 * Reads a credential from the body of a PUT. Throws a 400 if it is invalid. In ARM, a credential has no description.
 */
export function readCredential(id: string, name: string, body: JsonObject): FederatedIdentityCredential {
  if (!namePattern.test(name)) throw badRequest(`Federated Identity Credential name '${name}' is invalid.`)
  const { properties } = body
  if (!isJsonObject(properties) || Object.keys(properties).length === 0) {
    throw badRequest('Federated Identity Credential from HTTP body has empty properties')
  }
  const { issuer, subject, audiences = [] } = properties
  if (
    typeof issuer !== 'string' ||
    issuer === '' ||
    typeof subject !== 'string' ||
    subject === '' ||
    !Array.isArray(audiences)
  ) {
    throw badRequest(
      "The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and 'audience'."
    )
  }
  const [audience, ...others] = audiences
  if (typeof audience !== 'string' || audience === '' || others.length > 0) {
    // Source: Azure/azure-cli #31598.
    throw badRequest(
      'Federated identity credentials must have exactly 1 audience.',
      'InvalidFederatedIdentityCredentialsAudienceLength'
    )
  }
  for (const [property, value] of Object.entries({ issuer, subject, audience })) {
    if (value.length > maximumLength)
      throw badRequest(`The ${property} must not be longer than ${maximumLength} characters.`)
  }
  return { id, name, issuer, subject, audiences: [audience], description: null }
}

/**
 * Throws a 400 if the identity cannot have the credential because of its other ones. A credential with the same name is
 * replaced.
 */
export function checkSiblings(identity: ManagedIdentity, credential: FederatedIdentityCredential): void {
  const siblings = identity.federatedIdentityCredentials.filter(
    other => other.name.toLowerCase() !== credential.name.toLowerCase()
  )
  if (siblings.some(other => other.issuer === credential.issuer && other.subject === credential.subject)) {
    throw badRequest('Issuer and subject combination already exists for this Managed Identity.')
  }
  if (siblings.length >= maximumCredentials) throw badRequest('Too many Federated Identity Credentials')
}
