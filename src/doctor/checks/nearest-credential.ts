import { type FederatedIdentityCredential, hasSubject } from '../../domain/credential.js'
import { parseServiceAccountSubject } from '../../domain/subject.js'
import { editDistance } from '../explain/text-diff.js'

/** The trust that an identity must have, and the subjects of the cluster. */
export interface WantedTrust {
  /** Undefined if the issuer of the cluster is not known. */
  readonly issuer: string | undefined
  readonly subject: string
  /** The subjects of the service accounts in the cluster. Undefined without permission to list them. */
  readonly subjects: ReadonlySet<string> | undefined
}

export interface NearestCredential {
  readonly credential: FederatedIdentityCredential
  /** Whether it is the wanted credential with a typing mistake, and nothing else uses it. The fix then updates it instead of adding another one. */
  readonly isMistyped: boolean
}

/**
 * Finds the credential that is most like the wanted one: a mistyped one, else one for the same subject of another issuer, else the one of this
 * issuer with the most similar subject. Returns undefined if no credential has anything in common with it. Leaves out flexible credentials, which
 * have no subject.
 */
export function nearestCredential(
  wanted: WantedTrust,
  credentials: readonly FederatedIdentityCredential[]
): NearestCredential | undefined {
  const ranked = credentials.filter(hasSubject).flatMap(credential => {
    const isMistyped = isMistyping(wanted, credential)
    const rank = isMistyped
      ? 0
      : credential.subject === wanted.subject
        ? 1
        : hasSimilarIssuer(wanted, credential)
          ? 2
          : undefined
    const distance =
      editDistance(credential.subject, wanted.subject) +
      editDistance(credential.issuer, wanted.issuer ?? credential.issuer)
    return rank === undefined ? [] : [{ credential, isMistyped, rank, distance }]
  })
  return ranked.sort((one, other) => one.rank - other.rank || one.distance - other.distance)[0]
}

/** Reports whether a credential is for a service account that this cluster no longer has. False if the evidence does not show it. */
export function isOrphaned({ issuer, subjects }: WantedTrust, credential: FederatedIdentityCredential): boolean {
  return (
    issuer !== undefined &&
    subjects !== undefined &&
    credential.issuer === issuer &&
    parseServiceAccountSubject(credential.subject) !== undefined &&
    !subjects.has(credential.subject)
  )
}

/** The largest edit distance of a mistyped subject. */
const mostTypos = 2

function isMistyping(wanted: WantedTrust, credential: FederatedIdentityCredential): boolean {
  return (
    wanted.issuer !== undefined &&
    hasSimilarIssuer(wanted, credential) &&
    !mightBeUsed(wanted, credential) &&
    isSimilarSubject(wanted.subject, credential.subject)
  )
}

/** A credential with a similar issuer that is not equal cannot be in use, because no cluster has that issuer. */
function mightBeUsed(wanted: WantedTrust, { issuer, subject }: FederatedIdentityCredential): boolean {
  return (
    issuer === wanted.issuer &&
    parseServiceAccountSubject(subject) !== undefined &&
    (wanted.subjects?.has(subject) ?? true)
  )
}

/** Reports whether the issuers look the same to a person. Entra compares byte for byte. */
function hasSimilarIssuer({ issuer }: WantedTrust, credential: FederatedIdentityCredential): boolean {
  return issuer !== undefined && normalizeIssuer(credential.issuer) === normalizeIssuer(issuer)
}

const normalize = (text: string): string => text.replace(/[\s\u200b-\u200d\u2060]+/g, '').toLowerCase()
const normalizeIssuer = (issuer: string): string =>
  normalize(issuer)
    .replace(/^http:/, 'https:')
    .replace(/\/+$/, '')
    .replace(/\/\.well-known\/openid-configuration$/, '')
    .replace(/\/+$/, '')

function isSimilarSubject(wanted: string, found: string): boolean {
  const [right, left] = [normalize(wanted), normalize(found)]
  if (left === right || right.endsWith(`:${left}`)) return true
  const [namespace, name] = right.split(':').slice(-2)
  const swapped = `system:serviceaccount:${name ?? ''}:${namespace ?? ''}`
  return left === swapped || editDistance(left, right) <= mostTypos
}
