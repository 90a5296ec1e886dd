import type { ConnectedIdentity, Connection } from '../../connections/model.js'
import { type FederatedIdentityCredential, flexibleCredentials, maxCredentials } from '../../domain/credential.js'
import type { Evidence } from '../evidence/model.js'
import { difference } from '../explain/difference.js'
import { fail, type Finding, ok, skipped, warn } from '../finding.js'
import { addCredentialLine, deleteCredentialLine, updateCredentialLine } from '../fixes/identity.js'
import { isOrphaned, nearestCredential, type NearestCredential, type WantedTrust } from './nearest-credential.js'
import { describeIdentity, resolveIdentity, unreadReason } from './resolve-identity.js'

/**
 * Checks that the identity trusts the tokens of the service account. If the credential is missing and the identity has no room for it, the finding
 * about the number of credentials comes first, because its fix must run first.
 */
export function credentialChecks(evidence: Evidence): Finding[] {
  const resolution = resolveIdentity(evidence)
  if (!('identity' in resolution)) return skippedAll(resolution.reason)
  const { identity, connection } = resolution
  const { credentials, credential } = connection
  if (credentials === undefined) return skippedAll(noCredentialsReason(evidence, identity))
  const wanted: WantedTrust = {
    issuer: connection.issuer,
    subject: connection.subject,
    subjects: evidence.account.subjects
  }
  if (credential !== null) {
    const first =
      credential === undefined
        ? skipped('credential', undecidedReason(evidence, connection, credentials))
        : ok('credential', `the credential ${credential.name} trusts ${connection.subject}`)
    return [first, audienceCheck(evidence, identity, credential), credentialCountCheck(wanted, identity, credentials)]
  }
  const nearest = nearestCredential(wanted, credentials)
  const noAudience = skipped('credential-audience', 'there is no credential for this service account')
  const addLine = addCredentialLine(evidence.account, issuerOf(evidence, connection), identity)
  if (credentials.length >= maxCredentials && nearest?.isMistyped !== true) {
    return [
      noRoomFinding(wanted, identity, credentials, addLine),
      skipped('credential', 'there is none for this service account, and no room for one'),
      noAudience
    ]
  }
  const mistyped = nearest?.isMistyped === true ? nearest.credential : undefined
  return [
    missingFinding(evidence, identity, connection, nearest, addLine),
    noAudience,
    credentialCountCheck(wanted, identity, credentials, mistyped)
  ]
}

function undecidedReason({ account }: Evidence, { issuer }: Connection, credentials: Credentials): string {
  const [flexible] = flexibleCredentials(credentials, issuer)
  return flexible === undefined
    ? `which of its credentials holds cannot be told: ${unreadReason(account, 'the issuer of the cluster', 'the issuer of the cluster')}`
    : `the flexible credential ${flexible.name} might match, and only an exchange shows it: azwi does not evaluate its expression`
}

const skippedAll = (reason: string): Finding[] =>
  (['credential', 'credential-audience', 'credential-count'] as const).map(check => skipped(check, reason))

function noCredentialsReason({ account }: Evidence, identity: ConnectedIdentity): string {
  if (identity.id === undefined)
    return `${describeIdentity(identity)} lives in another tenant, and its credentials with it`
  return unreadReason(
    account,
    'its credentials',
    identity.kind === 'application' ? 'credentials of applications' : 'credentials of managed identities'
  )
}

function issuerOf({ cluster: { aks } }: Evidence, { issuer }: Connection): string {
  return issuer ?? ('value' in aks ? aks.value?.issuer : undefined) ?? '<issuer of the cluster>'
}

/** Checks the audience. Entra allows exactly one (azure-cli, issue 31598), and it must be that of the token. */
function audienceCheck(
  { account }: Evidence,
  identity: ConnectedIdentity,
  credential: FederatedIdentityCredential | undefined
): Finding {
  if (credential === undefined) return skipped('credential-audience', 'which of its credentials holds cannot be told')
  const { audience } = account
  const found = credential.audiences.join(', ')
  if (found === audience) return ok('credential-audience', `it is for the audience ${audience}`)
  const { description, lines } = difference(found, audience)
  return fail('credential-audience', `the audience of the credential ${credential.name} ${description}`, {
    found,
    expected: audience,
    details: lines,
    fix: [updateCredentialLine(identity, { ...credential, audiences: [audience] })]
  })
}

function missingFinding(
  { account }: Evidence,
  identity: ConnectedIdentity,
  connection: Connection,
  nearest: NearestCredential | undefined,
  addLine: string
): Finding {
  const { issuer, subject } = connection
  const count = connection.credentials?.length ?? 0
  const wanted = `${subject}${issuer === undefined ? '' : ` of ${issuer}`}`
  if (nearest === undefined) {
    const message =
      count === 0
        ? `${describeIdentity(identity)} has no federated identity credential`
        : `no credential of ${describeIdentity(identity)} (of ${count}) is for this service account`
    return fail('credential', message, { expected: wanted, fix: [addLine] })
  }
  const { credential, isMistyped } = nearest
  const differences = (
    [
      ['issuer', credential.issuer, issuer ?? credential.issuer],
      ['subject', credential.subject, subject]
    ] as const
  )
    .filter(([, found, expected]) => found !== expected)
    .map(([field, found, expected]) => ({ field, found, expected, ...difference(found, expected) }))
  const descriptions = differences.map(({ field, description }) => `its ${field} ${description}`).join(', and ')
  const [only] = differences.length === 1 ? differences : []
  const audience = credential.audiences.join(', ')
  return fail(
    'credential',
    isMistyped
      ? `the credential ${credential.name} nearly trusts this service account: ${descriptions}`
      : `no credential trusts this service account; the nearest is ${credential.name}: ${descriptions}`,
    {
      found: only?.found ?? `${credential.subject} of ${credential.issuer}`,
      expected: only?.expected ?? wanted,
      details: [
        ...differences.flatMap(({ lines }) => lines),
        ...(!isMistyped && credential.subject === subject
          ? ['it is for the same subject of another issuer, such as another cluster: it stays as it is']
          : []),
        ...(isMistyped && audience !== account.audience
          ? [`its audience ${difference(audience, account.audience).description}, too`]
          : [])
      ],
      fix: [
        isMistyped && issuer !== undefined
          ? updateCredentialLine(identity, { name: credential.name, issuer, subject, audiences: [account.audience] })
          : addLine
      ]
    }
  )
}

/** With this number of credentials, orphaned ones become a warning. `create` warns at the same number. */
const nearlyFull = 17

type Credentials = readonly FederatedIdentityCredential[]

/**
 * Checks that there is room for more credentials. Warns only if the identity has orphaned credentials to delete. The mistyped credential is not
 * orphaned: the fix of the check `credential` updates it.
 */
export function credentialCountCheck(
  wanted: WantedTrust,
  identity: ConnectedIdentity,
  credentials: Credentials,
  mistyped?: FederatedIdentityCredential
): Finding {
  const orphaned = credentials.filter(credential => credential !== mistyped && isOrphaned(wanted, credential))
  const count = `${describeIdentity(identity)} has ${credentials.length} of at most ${maxCredentials} credentials`
  if (credentials.length < nearlyFull || orphaned.length === 0) return ok('credential-count', count)
  return warn(
    'credential-count',
    `${count}, ${orphaned.length} of them for service accounts that the cluster does not have`,
    {
      found: String(credentials.length),
      details: credentialLines(wanted, orphaned),
      fix: orphaned.map(({ name }) => deleteCredentialLine(identity, name))
    }
  )
}

/**
 * Reports that a credential is missing and the identity has no room for it. The fix deletes an orphaned credential, or one that the reader
 * must choose.
 */
export function noRoomFinding(
  wanted: WantedTrust,
  identity: ConnectedIdentity,
  credentials: Credentials,
  addLine: string
): Finding {
  const orphaned = credentials.find(credential => isOrphaned(wanted, credential))
  return fail(
    'credential-count',
    `${describeIdentity(identity)} has ${credentials.length} credentials, none for this service account, and Entra takes no more than ${maxCredentials}`,
    {
      found: String(credentials.length),
      expected: `at most ${maxCredentials - 1}, to have room for one more`,
      details: credentialLines(wanted, credentials),
      fix: [deleteCredentialLine(identity, orphaned?.name ?? '<name of one that is no longer used>'), addLine]
    }
  )
}

function credentialLines(wanted: WantedTrust, credentials: Credentials): string[] {
  return credentials.map(
    credential =>
      `${credential.name}  ${credential.subject}  ${credential.issuer}${isOrphaned(wanted, credential) ? '  (dead: the cluster has no such service account)' : ''}`
  )
}
