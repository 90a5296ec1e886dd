import { entraErrors } from '../../domain/entra-errors.js'
import type { Evidence, ExchangeEvidence, ServiceAccountEvidence } from '../evidence/model.js'
import { type CheckName, fail, type Finding, type FindingDetails, ok, skipped } from '../finding.js'
import { findAcceptingCredential, isoTime } from '../explain/token.js'
import { aksChecks } from './aks.js'
import { issuerChecks } from './issuer.js'

/** The checks whose failure explains a refused exchange. Roles and pods do not matter, because azwi itself exchanges a new token. */
const exchangeChecks: ReadonlySet<CheckName> = new Set<CheckName>([
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
 * Checks that Entra has exchanged a token of the service account for an access token. `findings` are those of the other checks: a failure among them
 * explains a refusal, and has the fix. Otherwise the finding shows what differs between the token and the nearest credential, whatever Entra says.
 */
export function proofCheck({ cluster, account }: Evidence, findings: readonly Finding[]): Finding[] {
  const { exchange } = account
  if ('unread' in exchange) return [skipped('proof', `no exchange was tried: ${exchange.unread}`)]
  const { value } = exchange
  if (value.accepted) {
    const until = isoTime(value.expiresAt) ?? 'a time that is not known'
    return [
      ok(
        'proof',
        `Entra exchanges its token: ${identityName(account)} in the tenant ${value.tenantId} gets one for ${value.resource}, until ${until}`
      )
    ]
  }
  const cause = [...aksChecks(cluster), ...issuerChecks(cluster), ...findings].find(
    ({ outcome, check }) => outcome === 'fail' && exchangeChecks.has(check)
  )
  const differences = differencesOf(account)
  if (cause !== undefined)
    return [fail('proof', `Entra refuses its token, because ${cause.message} (${explainRefusal(value)})`, differences)]
  return [
    fail(
      'proof',
      `Entra refuses its token: ${explainRefusal(value)}`,
      differences ?? { details: possibleCauses(account, value) }
    )
  ]
}

function identityName({ connection }: ServiceAccountEvidence): string {
  return connection?.identity
    ? `"${connection.identity.name}" (${connection.identity.clientId})`
    : `the client id ${connection?.clientId ?? ''}`
}

type Refused = Extract<ExchangeEvidence, { accepted: false }>

function explainRefusal({ code, text }: Refused): string {
  const known = entraErrors[code]
  return known === undefined ? [code, text].filter(each => each !== '').join(': ') : `${known.meaning} (${code})`
}

/** Returns what differs between the token and the nearest credential, or undefined if a credential accepts the token. */
function differencesOf({ token, connection }: ServiceAccountEvidence): FindingDetails | undefined {
  if ('unread' in token || connection?.credentials === undefined) return undefined
  const { nearest } = findAcceptingCredential(token.value, connection.credentials)
  const [first] = nearest?.differences ?? []
  if (nearest === undefined || first === undefined) return undefined
  return {
    found: first.credential,
    expected: first.token,
    details: nearest.differences.map(
      ({ field, token: tokenValue, credential }) =>
        `the ${field} differs: the token has ${tokenValue}, and the nearest credential, ${nearest.credential.name}, has ${credential}`
    )
  }
}

/** Returns the possible causes if the evidence shows no difference. */
function possibleCauses({ token, connection }: ServiceAccountEvidence, { code }: Refused): string[] {
  const known = entraErrors[code]
  const accepting =
    'value' in token ? findAcceptingCredential(token.value, connection?.credentials ?? []).accepting : undefined
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
