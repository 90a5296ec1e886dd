import { entraErrors } from '../../domain/entra-errors.js'
import type { Case, ExchangeEvidence, ServiceAccountEvidence } from '../evidence/model.js'
import { type CheckName, fail, type Finding, type FindingDetails, ok, skipped } from './finding.js'
import { isoTime, whoAccepts } from '../explain/token.js'
import { aksChecks } from './aks.js'
import { issuerChecks } from './issuer.js'

/** What Entra looks at in an exchange: a failure of these explains its refusal. Roles and pods come after it, and the token was minted by us. */
const exchanged: ReadonlySet<CheckName> = new Set<CheckName>([
  'aks-oidc-issuer',
  'issuer-https',
  'issuer-discovery',
  'issuer-keys',
  'issuer-algorithm',
  'issuer-token',
  'client-id',
  'tenant-id',
  'identity',
  'principal',
  'principal-enabled',
  'credential',
  'credential-audience'
])

/**
 * Whether a token of the service account was really exchanged for an access token. A refusal is told with its cause among the findings before it,
 * which carries the fix; or else with what differs between the token and the credentials, whatever Entra's text says.
 */
export function proofCheck({ cluster, account }: Case, before: readonly Finding[]): Finding[] {
  const { exchange } = account
  if ('unread' in exchange) return [skipped('proof', `no exchange was tried: ${exchange.unread}`)]
  const { value } = exchange
  if (value.accepted) {
    const until = isoTime(value.expiresAt) ?? 'a time that is not known'
    return [
      ok(
        'proof',
        `Entra exchanges its token: ${nameOf(account)} in the tenant ${value.tenantId} gets one for ${value.resource}, until ${until}`
      )
    ]
  }
  const cause = [...aksChecks(cluster), ...issuerChecks(cluster), ...before].find(
    ({ outcome, check }) => outcome === 'fail' && exchanged.has(check)
  )
  const differing = differencesOf(account)
  if (cause !== undefined)
    return [fail('proof', `Entra refuses its token, because ${cause.message} (${saidBy(value)})`, differing)]
  return [
    fail('proof', `Entra refuses its token: ${saidBy(value)}`, differing ?? { details: unexplained(account, value) })
  ]
}

function nameOf({ connection }: ServiceAccountEvidence): string {
  return connection?.identity
    ? `"${connection.identity.name}" (${connection.identity.clientId})`
    : `the client id ${connection?.clientId ?? ''}`
}

type Refused = Extract<ExchangeEvidence, { accepted: false }>

function saidBy({ code, text }: Refused): string {
  const known = entraErrors[code]
  return known === undefined ? [code, text].filter(each => each !== '').join(': ') : `${known.meaning} (${code})`
}

/** What differs between the token and the nearest credential, where no credential takes it. */
function differencesOf({ token, connection }: ServiceAccountEvidence): FindingDetails | undefined {
  if ('unread' in token || connection?.credentials === undefined) return undefined
  const { nearest } = whoAccepts(token.value, connection.credentials)
  const [first] = nearest?.differences ?? []
  if (nearest === undefined || first === undefined) return undefined
  return {
    found: first.credential,
    expected: first.token,
    details: nearest.differences.map(
      ({ field, token: ours, credential }) =>
        `the ${field} differs: the token has ${ours}, and the nearest credential, ${nearest.credential.name}, has ${credential}`
    )
  }
}

/** What can still be said where nothing is seen to differ. */
function unexplained({ token, connection }: ServiceAccountEvidence, { code }: Refused): string[] {
  const known = entraErrors[code]
  const accepting = 'value' in token ? whoAccepts(token.value, connection?.credentials ?? []).accepting : undefined
  return [
    connection?.credentials === undefined
      ? 'the credentials could not be read, so nothing could be compared with the token'
      : accepting === undefined
        ? 'the identity has no credentials with a subject'
        : `the credential ${accepting.name} has the token's issuer, subject and audience: by all that can be seen, Entra should take it`,
    ...(known === undefined || (accepting !== undefined && known.concern === 'trust')
      ? []
      : [`mostly: ${known.cause}`]),
    ...(known?.passing === undefined ? [] : [`it may pass by itself: ${known.passing}`])
  ]
}
