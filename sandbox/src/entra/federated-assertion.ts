import { compactVerify, importJWK } from 'jose'
import type { FederatedIdentityCredential } from '../graph/directory.js'
import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { type Assertion, invalidSignature, noKeyNamed, requireAlgorithm, requireValidTime } from './assertion.js'
import type { Client } from './clients.js'
import { EntraError } from './errors.js'
import type { IssuerKeys } from './issuer-keys.js'

const longestLifetimeInSeconds = 24 * 60 * 60

/**
 * Verifies a token of another issuer with the client's federated identity credentials. Throws an EntraError if no
 * credential matches or the token is invalid. Finds the credential first, so that the sandbox fetches keys only from an
 * issuer that a credential trusts.
 */
export async function verifyFederatedAssertion(
  state: State,
  client: Client,
  assertion: Assertion,
  issuerKeys: IssuerKeys
): Promise<void> {
  requireAlgorithm(assertion, ['RS256'])
  const { kid } = assertion.header
  if (kid === undefined) throw noKeyNamed()
  requireCredential(state, client, assertion)
  requireValidTime(assertion, state.now())
  requireShortLifetime(assertion)
  const key = (await issuerKeys(assertion.issuer)).find(candidate => candidate.kid === kid && candidate.kty === 'RSA')
  if (key === undefined) {
    throw new EntraError(
      7000272,
      'invalid_client',
      `The certificate with identifier '${kid}' used to sign the federated credential could not be found in the metadata of identity provider ` +
        `'${assertion.issuer}'.`
    )
  }
  await requireSignature(assertion, key, client)
}

/** Throws an EntraError if no visible credential matches, or if a failure of the same exchange is still remembered. */
function requireCredential(
  { failedExchanges, replication }: State,
  { principal, federatedIdentityCredentials }: Client,
  assertion: Assertion
): void {
  const { issuer, audiences, claims } = assertion
  const exchange = JSON.stringify([principal.appId, issuer, claims.sub, audiences])
  const remembered = failedExchanges.recall(exchange)
  if (remembered !== undefined) throw remembered
  const visible = federatedIdentityCredentials.filter(
    ({ id }) => replication.isVisible('federatedIdentityCredential', id) && replication.isVisible('exchange', id)
  )
  try {
    requireMatch(visible, assertion)
  } catch (error) {
    if (error instanceof EntraError) failedExchanges.remember(exchange, error)
    throw error
  }
}

/**
 * Compares issuer, subject and audience byte for byte, in this order. The error names the first value without a
 * match.
 */
function requireMatch(
  credentials: readonly FederatedIdentityCredential[],
  { issuer, audiences, claims }: Assertion
): void {
  const withIssuer = credentials.filter(credential => credential.issuer === issuer)
  if (withIssuer.length === 0) throw noMatch(700211, 'issuer', issuer)
  const subject = claims.sub ?? ''
  // A flexible credential has no subject. The sandbox does not evaluate its expression.
  const withAnySubject = withIssuer.filter(({ claimsMatchingExpression }) => claimsMatchingExpression === undefined)
  const withSubject = withAnySubject.filter(credential => credential.subject === subject)
  if (withSubject.length === 0) {
    const differsInCase = withAnySubject.some(credential => credential.subject.toLowerCase() === subject.toLowerCase())
    throw differsInCase
      ? noMatch(
          7002138,
          'subject',
          subject,
          'The subject matches with case-insensitive comparison, but not with case-sensitive comparison. '
        )
      : noMatch(700213, 'subject', subject)
  }
  if (!withSubject.some(credential => credential.audiences.some(audience => audiences.includes(audience)))) {
    throw noMatch(700212, 'audience', audiences.join(','))
  }
}

function noMatch(code: number, claim: 'issuer' | 'subject' | 'audience', value: string, remark = ''): EntraError {
  return new EntraError(
    code,
    'invalid_client',
    `No matching federated identity record found for presented assertion ${claim} '${value}'. ${remark}Check your federated identity credential ` +
      'Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation'
  )
}

function requireShortLifetime({ claims }: Assertion): void {
  const { exp = 0, iat, nbf } = claims
  const from = iat ?? nbf ?? 0
  if (exp - from <= longestLifetimeInSeconds) return
  // The code is known from reports of AADSTS errors. The original message is unknown.
  throw new EntraError(70023, 'invalid_request', 'The external token lives longer than the 24 hours that are allowed.')
}

async function requireSignature(assertion: Assertion, key: JsonObject, client: Client): Promise<void> {
  try {
    await compactVerify(assertion.token, await importJWK(key, 'RS256'), { algorithms: ['RS256'] })
  } catch {
    throw invalidSignature(
      'The provided signature value did not match the expected signature value.',
      client.principal.appId
    )
  }
}
