import { type FederatedIdentityCredential, mostCredentials } from '../../domain/credential.js'
import type { ConnectedIdentity, Connection } from '../../connections/model.js'
import { difference } from '../explain/difference.js'
import type { Case } from '../evidence/model.js'
import { fail, type Finding, ok, skipped, warn } from './finding.js'
import { called, followToIdentity, whyUnread } from './follow.js'
import { addCredentialLine, deleteCredentialLine, updateCredentialLine } from '../fixes/identity.js'
import { isDead, nearestCredential, type NearestCredential, type WantedTrust } from './nearest-credential.js'

/**
 * That the identity trusts the tokens of the service account. Where there is no room for the credential that is missing, that comes first:
 * it is what must be mended first.
 */
export function credentialChecks(of: Case): Finding[] {
  const followed = followToIdentity(of)
  if (!('identity' in followed)) return skippedAll(followed.why)
  const { identity, connection } = followed
  const { credentials, credential } = connection
  if (credentials === undefined) return skippedAll(whyNoCredentials(of, identity))
  const wanted: WantedTrust = { issuer: connection.issuer, subject: connection.subject, subjects: of.account.subjects }
  if (credential !== null) {
    const first =
      credential === undefined
        ? skipped(
            'credential',
            `which of its credentials holds cannot be told: ${whyUnread(of.account, 'the issuer of the cluster', 'the issuer of the cluster')}`
          )
        : ok('credential', `the credential ${credential.name} trusts ${connection.subject}`)
    return [first, audienceCheck(of, identity, credential), credentialCountCheck(wanted, identity, credentials)]
  }
  const nearest = nearestCredential(wanted, credentials)
  const noAudience = skipped('credential-audience', 'there is no credential for this service account')
  const adding = addCredentialLine(of.account, issuerOf(of, connection), identity)
  if (credentials.length >= mostCredentials && nearest?.isMeant !== true) {
    return [
      noRoomFinding(wanted, identity, credentials, adding),
      skipped('credential', 'there is none for this service account, and no room for one'),
      noAudience
    ]
  }
  const meant = nearest?.isMeant === true ? nearest.credential : undefined
  return [
    missing(of, identity, connection, nearest, adding),
    noAudience,
    credentialCountCheck(wanted, identity, credentials, meant)
  ]
}

const skippedAll = (why: string): Finding[] =>
  (['credential', 'credential-audience', 'credential-count'] as const).map(check => skipped(check, why))

function whyNoCredentials({ account }: Case, identity: ConnectedIdentity): string {
  if (identity.id === undefined) return `${called(identity)} lives in another tenant, and its credentials with it`
  return whyUnread(
    account,
    'its credentials',
    identity.kind === 'application' ? 'credentials of applications' : 'credentials of managed identities'
  )
}

function issuerOf({ cluster: { aks } }: Case, { issuer }: Connection): string {
  return issuer ?? ('value' in aks ? aks.value?.issuer : undefined) ?? '<issuer of the cluster>'
}

/** Entra wants exactly one audience (azure-cli, issue 31598), and it must be that of the token. */
function audienceCheck(
  { account }: Case,
  identity: ConnectedIdentity,
  credential: FederatedIdentityCredential | undefined
): Finding {
  if (credential === undefined) return skipped('credential-audience', 'which of its credentials holds cannot be told')
  const { audience } = account
  const found = credential.audiences.join(', ')
  if (found === audience) return ok('credential-audience', `it is for the audience ${audience}`)
  const { words, lines } = difference(found, audience)
  return fail('credential-audience', `the audience of the credential ${credential.name} ${words}`, {
    found,
    expected: audience,
    details: lines,
    fix: [updateCredentialLine(identity, { ...credential, audiences: [audience] })]
  })
}

function missing(
  { account }: Case,
  identity: ConnectedIdentity,
  connection: Connection,
  nearest: NearestCredential | undefined,
  adding: string
): Finding {
  const { issuer, subject } = connection
  const count = connection.credentials?.length ?? 0
  const wanted = `${subject}${issuer === undefined ? '' : ` of ${issuer}`}`
  if (nearest === undefined) {
    const which =
      count === 0
        ? `${called(identity)} has no federated identity credential`
        : `no credential of ${called(identity)} (of ${count}) is for this service account`
    return fail('credential', which, { expected: wanted, fix: [adding] })
  }
  const { credential, isMeant } = nearest
  const differing = (
    [
      ['issuer', credential.issuer, issuer ?? credential.issuer],
      ['subject', credential.subject, subject]
    ] as const
  )
    .filter(([, found, right]) => found !== right)
    .map(([field, found, right]) => ({ field, found, right, ...difference(found, right) }))
  const words = differing.map(each => `its ${each.field} ${each.words}`).join(', and ')
  const [only] = differing.length === 1 ? differing : []
  const audience = credential.audiences.join(', ')
  return fail(
    'credential',
    isMeant
      ? `the credential ${credential.name} nearly trusts this service account: ${words}`
      : `no credential trusts this service account; the nearest is ${credential.name}: ${words}`,
    {
      found: only?.found ?? `${credential.subject} of ${credential.issuer}`,
      expected: only?.right ?? wanted,
      details: [
        ...differing.flatMap(each => each.lines),
        ...(!isMeant && credential.subject === subject
          ? ['it is for the same subject of another issuer, such as another cluster: it stays as it is']
          : []),
        ...(isMeant && audience !== account.audience
          ? [`its audience ${difference(audience, account.audience).words}, too`]
          : [])
      ],
      fix: [
        isMeant && issuer !== undefined
          ? updateCredentialLine(identity, { name: credential.name, issuer, subject, audiences: [account.audience] })
          : adding
      ]
    }
  )
}

/** From how many on dead ones are worth a warning: `create` warns from here on as well. */
const nearlyFull = 17

type Credentials = readonly FederatedIdentityCredential[]

/**
 * How many of at most 20 there are. A warning only where something can be done about it: a full identity whose credentials all live is
 * none. The one that is `meant` for the service account is about to be mended, and not dead.
 */
export function credentialCountCheck(
  wanted: WantedTrust,
  identity: ConnectedIdentity,
  credentials: Credentials,
  meant?: FederatedIdentityCredential
): Finding {
  const dead = credentials.filter(each => each !== meant && isDead(wanted, each))
  const count = `${called(identity)} has ${credentials.length} of at most ${mostCredentials} credentials`
  if (credentials.length < nearlyFull || dead.length === 0) return ok('credential-count', count)
  return warn(
    'credential-count',
    `${count}, ${dead.length} of them for service accounts that the cluster does not have`,
    {
      found: String(credentials.length),
      details: listed(wanted, dead),
      fix: dead.map(({ name }) => deleteCredentialLine(identity, name))
    }
  )
}

/** That a credential is missing, and that there is no room for it: a dead one makes room, else one that the reader must choose. */
export function noRoomFinding(
  wanted: WantedTrust,
  identity: ConnectedIdentity,
  credentials: Credentials,
  adding: string
): Finding {
  const dead = credentials.find(each => isDead(wanted, each))
  return fail(
    'credential-count',
    `${called(identity)} has ${credentials.length} credentials, none for this service account, and Entra takes no more than ${mostCredentials}`,
    {
      found: String(credentials.length),
      expected: `at most ${mostCredentials - 1}, to have room for one more`,
      details: listed(wanted, credentials),
      fix: [deleteCredentialLine(identity, dead?.name ?? '<name of one that is no longer used>'), adding]
    }
  )
}

function listed(wanted: WantedTrust, credentials: Credentials): string[] {
  return credentials.map(
    each =>
      `${each.name}  ${each.subject}  ${each.issuer}${isDead(wanted, each) ? '  (dead: the cluster has no such service account)' : ''}`
  )
}
