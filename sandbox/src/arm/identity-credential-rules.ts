import { isJsonObject, type Json, type JsonObject } from '../json.js'
import type { ClaimsMatchingExpression, FederatedIdentityCredential } from '../graph/directory.js'
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
 * Reads a credential from the body of a PUT. Throws a 400 if it is invalid. In ARM, a credential has no description. A
 * flexible one has an expression in place of the subject, in the API versions that allow it.
 */
export function readCredential(
  id: string,
  name: string,
  body: JsonObject,
  canBeFlexible: boolean
): FederatedIdentityCredential {
  if (!namePattern.test(name)) throw badRequest(`Federated Identity Credential name '${name}' is invalid.`)
  const { properties } = body
  if (!isJsonObject(properties) || Object.keys(properties).length === 0) {
    throw badRequest('Federated Identity Credential from HTTP body has empty properties')
  }
  const { issuer, audiences = [] } = properties
  const claimsMatchingExpression = canBeFlexible ? readExpression(properties.claimsMatchingExpression) : undefined
  const subject = claimsMatchingExpression === undefined ? properties.subject : ''
  if (claimsMatchingExpression !== undefined && typeof properties.subject === 'string') {
    throw badRequest("Either 'subject' or 'claimsMatchingExpression' must be defined, but not both.")
  }
  if (
    typeof issuer !== 'string' ||
    issuer === '' ||
    typeof subject !== 'string' ||
    (subject === '' && claimsMatchingExpression === undefined) ||
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
  const expression = claimsMatchingExpression === undefined ? {} : { claimsMatchingExpression }
  return { id, name, issuer, subject, ...expression, audiences: [audience], description: null }
}

function readExpression(given: Json | undefined): ClaimsMatchingExpression | undefined {
  const { value, languageVersion } = isJsonObject(given) ? given : {}
  return typeof value === 'string' && typeof languageVersion === 'number' ? { value, languageVersion } : undefined
}

/**
 * Throws a 400 if the identity cannot have the credential because of its other ones. A credential with the same name is
 * replaced.
 */
export function checkSiblings(identity: ManagedIdentity, credential: FederatedIdentityCredential): void {
  const siblings = identity.federatedIdentityCredentials.filter(
    other => other.name.toLowerCase() !== credential.name.toLowerCase()
  )
  const isFlexible = credential.claimsMatchingExpression !== undefined
  if (
    !isFlexible &&
    siblings.some(other => other.issuer === credential.issuer && other.subject === credential.subject)
  ) {
    throw badRequest('Issuer and subject combination already exists for this Managed Identity.')
  }
  if (siblings.length >= maximumCredentials) throw badRequest('Too many Federated Identity Credentials')
}
