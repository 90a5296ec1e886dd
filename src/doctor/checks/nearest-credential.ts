import { type FederatedIdentityCredential, hasSubject } from '../../domain/credential.js'
import { parseServiceAccountSubject } from '../../domain/subject.js'
import { editDistance } from '../explain/difference.js'

/** What a credential is compared with. */
export interface WantedTrust {
  /** Undefined where the cluster's is not known. */
  readonly issuer: string | undefined
  readonly subject: string
  /** Of the service accounts that the cluster has. */
  readonly subjects: ReadonlySet<string> | undefined
}

export interface NearestCredential {
  readonly credential: FederatedIdentityCredential
  /** Whether it was meant to be the one that is wanted, and nothing else lives by it: then it is to be changed, not joined by another. */
  readonly isMeant: boolean
}

/**
 * The credential that a person would take for the wanted one: one with a slip in it; else one for the same subject of another issuer; else
 * the one of this issuer whose subject is nearest. Undefined where none has anything in common with it; one without a subject has not.
 */
export function nearestCredential(
  wanted: WantedTrust,
  credentials: readonly FederatedIdentityCredential[]
): NearestCredential | undefined {
  const ranked = credentials.filter(hasSubject).flatMap(credential => {
    const isMeant = wasMeant(wanted, credential)
    const rank = isMeant
      ? 0
      : credential.subject === wanted.subject
        ? 1
        : isSameIssuer(wanted, credential)
          ? 2
          : undefined
    const distance =
      editDistance(credential.subject, wanted.subject) +
      editDistance(credential.issuer, wanted.issuer ?? credential.issuer)
    return rank === undefined ? [] : [{ credential, isMeant, rank, distance }]
  })
  return ranked.sort((one, other) => one.rank - other.rank || one.distance - other.distance)[0]
}

/** Whether it is for a service account that this cluster no longer has; false where that cannot be told. */
export function isDead({ issuer, subjects }: WantedTrust, credential: FederatedIdentityCredential): boolean {
  return (
    issuer !== undefined &&
    subjects !== undefined &&
    credential.issuer === issuer &&
    parseServiceAccountSubject(credential.subject) !== undefined &&
    !subjects.has(credential.subject)
  )
}

/** A slip of the fingers in a subject: a letter or two, or a colon. */
const slip = 2

function wasMeant(wanted: WantedTrust, credential: FederatedIdentityCredential): boolean {
  return (
    wanted.issuer !== undefined &&
    isSameIssuer(wanted, credential) &&
    !mayBeInUse(wanted, credential) &&
    isNearSubject(wanted.subject, credential.subject)
  )
}

/** Of an issuer that is not ours to the letter nothing lives: no cluster has it but for a slip. */
function mayBeInUse(wanted: WantedTrust, { issuer, subject }: FederatedIdentityCredential): boolean {
  return (
    issuer === wanted.issuer &&
    parseServiceAccountSubject(subject) !== undefined &&
    (wanted.subjects?.has(subject) ?? true)
  )
}

/** To a person. Entra compares byte for byte. */
function isSameIssuer({ issuer }: WantedTrust, credential: FederatedIdentityCredential): boolean {
  return issuer !== undefined && plainIssuer(credential.issuer) === plainIssuer(issuer)
}

const plain = (text: string): string => text.replace(/[\s\u200b-\u200d\u2060]+/g, '').toLowerCase()
const plainIssuer = (issuer: string): string =>
  plain(issuer)
    .replace(/^http:/, 'https:')
    .replace(/\/+$/, '')
    .replace(/\/\.well-known\/openid-configuration$/, '')
    .replace(/\/+$/, '')

function isNearSubject(wanted: string, found: string): boolean {
  const [right, left] = [plain(wanted), plain(found)]
  if (left === right || right.endsWith(`:${left}`)) return true
  const [namespace, name] = right.split(':').slice(-2)
  return left === `system:serviceaccount:${name ?? ''}:${namespace ?? ''}` || editDistance(left, right) <= slip
}
