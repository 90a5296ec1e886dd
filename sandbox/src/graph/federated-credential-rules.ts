import type { Application, FederatedIdentityCredential } from './directory.js'
import { badRequest, GraphError } from './errors.js'

/** Per application (Entra, workload identity federation considerations). */
const maximumCredentials = 20

/** Of issuer, subject, description and audience, in characters (Entra, workload identity federation considerations). */
const maximumLength = 600

/**
 * "URL friendly", 3 to 120 characters (Graph reference). Unlike ARM, Graph accepts `=`. Names that the Go azwi creates
 * end with it.
 */
const namePattern = /^[A-Za-z0-9._~=-]{3,120}$/

/**
 * Throws a GraphError if the application cannot have the credential: because of a value, another credential, or the
 * maximum number.
 */
export function checkCredential(application: Application, credential: FederatedIdentityCredential): void {
  checkValues(credential)
  const siblings = application.federatedIdentityCredentials.filter(other => other.id !== credential.id)
  if (siblings.some(other => other.name === credential.name)) {
    throw new GraphError(
      409,
      'Request_MultipleObjectsWithSameKeyValue',
      `FederatedIdentityCredential with name ${credential.name} already exists.`
    )
  }
  const { issuer, subject } = credential
  const isFlexible = credential.claimsMatchingExpression !== undefined
  if (!isFlexible && siblings.some(other => other.issuer === issuer && other.subject === subject)) {
    throw invalid(
      'Subject',
      subject,
      `The combination of issuer and subject must be unique for the application. Issuer ${issuer} and Subject: ${subject} already exist.`
    )
  }
  if (siblings.length >= maximumCredentials) {
    throw new GraphError(
      403,
      'Directory_ResourceSizeExceeded',
      'The size of the object has exceeded its limit. Please reduce the number of values and retry your request.'
    )
  }
}

function checkValues(credential: FederatedIdentityCredential): void {
  const { name, issuer, subject, description, audiences, claimsMatchingExpression } = credential
  if (!namePattern.test(name))
    throw invalid('Name', name, 'The name must be URL friendly and have 3 to 120 characters.')
  for (const [property, value] of [
    ['issuer', issuer],
    ['subject', subject]
  ] as const) {
    if (value === '' && !(property === 'subject' && claimsMatchingExpression !== undefined))
      throw badRequest(`A value is required for property '${property}' of resource 'FederatedIdentityCredential'.`)
  }
  const [audience, ...others] = audiences
  if (audience === undefined || audience === '' || others.length > 0) {
    throw new GraphError(
      400,
      'InvalidFederatedIdentityCredentialsAudienceLength',
      'Federated identity credentials must have exactly 1 audience.'
    )
  }
  for (const [property, value] of [
    ['Issuer', issuer],
    ['Subject', subject],
    ['Description', description ?? ''],
    ['Audiences', audience]
  ] as const) {
    if (value.length > maximumLength)
      throw invalid(property, value, `The value must not be longer than ${maximumLength} characters.`)
  }
}

/** Returns an `InvalidFederatedIdentityCredentialValue` error in its recorded form. */
function invalid(property: string, value: string, reason: string): GraphError {
  return new GraphError(
    400,
    'InvalidFederatedIdentityCredentialValue',
    `${reason} paramName: FederatedIdentityCredential.${property}, paramValue: ${value}, objectType: Microsoft.Online.DirectoryServices.Application`
  )
}
