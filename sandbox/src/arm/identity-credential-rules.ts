import { isJsonObject, type JsonObject } from '../json.js'
import type { FederatedIdentityCredential } from '../graph/directory.js'
import type { ManagedIdentity } from './resources.js'
import { badRequest } from './errors.js'

/** azure-cli, and the error table of Entra's workload identity federation considerations: never a `=`, which Graph takes. */
const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_-]{2,119}$/

/** At most this many under one identity, and so many characters in a value (Entra, workload identity federation considerations). */
const maximumCredentials = 20
const maximumLength = 600

/** What a PUT of a credential asks for, or the provider's 400. ARM knows no description. */
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
    // Azure/azure-cli #31598.
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

/** Throws why the identity cannot take the credential beside the ones that it has. A credential of the same name is the one it replaces. */
export function checkSiblings(identity: ManagedIdentity, credential: FederatedIdentityCredential): void {
  const siblings = identity.federatedIdentityCredentials.filter(
    other => other.name.toLowerCase() !== credential.name.toLowerCase()
  )
  if (siblings.some(other => other.issuer === credential.issuer && other.subject === credential.subject)) {
    throw badRequest('Issuer and subject combination already exists for this Managed Identity.')
  }
  if (siblings.length >= maximumCredentials) throw badRequest('Too many Federated Identity Credentials')
}
