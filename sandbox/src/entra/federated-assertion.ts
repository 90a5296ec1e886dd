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
 * Checks a token of another issuer against the client's federated identity credentials. The credential is looked for first: only an issuer that
 * somebody has vouched for is worth a request.
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
  requireKnownMatch(state, client, assertion)
  requireValidTime(assertion, state.now())
  requireShortLife(assertion)
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

/** A failure is remembered for a while, as Entra does: then a credential that has come since is not looked for. */
function requireKnownMatch(
  { failedExchanges, replication }: State,
  { principal, federatedIdentityCredentials }: Client,
  assertion: Assertion
): void {
  const { issuer, audiences, claims } = assertion
  const exchange = JSON.stringify([principal.appId, issuer, claims.sub, audiences])
  const remembered = failedExchanges.recall(exchange)
  if (remembered !== undefined) throw remembered
  const known = federatedIdentityCredentials.filter(
    ({ id }) => replication.isVisible('federatedIdentityCredential', id) && replication.isVisible('exchange', id)
  )
  try {
    requireMatch(known, assertion)
  } catch (error) {
    if (error instanceof EntraError) failedExchanges.remember(exchange, error)
    throw error
  }
}

/** Issuer, then subject, then audience, each byte for byte. Each refusal names the one value that found no match. */
function requireMatch(
  credentials: readonly FederatedIdentityCredential[],
  { issuer, audiences, claims }: Assertion
): void {
  const ofIssuer = credentials.filter(credential => credential.issuer === issuer)
  if (ofIssuer.length === 0) throw noMatch(700211, 'issuer', issuer)
  const subject = claims.sub ?? ''
  const ofSubject = ofIssuer.filter(credential => credential.subject === subject)
  if (ofSubject.length === 0) {
    const differsInCase = ofIssuer.some(credential => credential.subject.toLowerCase() === subject.toLowerCase())
    throw differsInCase
      ? noMatch(
          7002138,
          'subject',
          subject,
          'The subject matches with case-insensitive comparison, but not with case-sensitive comparison. '
        )
      : noMatch(700213, 'subject', subject)
  }
  if (!ofSubject.some(credential => credential.audiences.some(audience => audiences.includes(audience)))) {
    throw noMatch(700212, 'audience', audiences.join(','))
  }
}

function noMatch(code: number, what: 'issuer' | 'subject' | 'audience', value: string, remark = ''): EntraError {
  return new EntraError(
    code,
    'invalid_client',
    `No matching federated identity record found for presented assertion ${what} '${value}'. ${remark}Check your federated identity credential ` +
      'Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation'
  )
}

function requireShortLife({ claims }: Assertion): void {
  const { exp = 0, iat, nbf } = claims
  const from = iat ?? nbf ?? 0
  if (exp - from <= longestLifetimeInSeconds) return
  // Quoted nowhere in full: the number is known from AADSTS reports, the words are ours.
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
