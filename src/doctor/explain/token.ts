import { builtInCloud, type CloudName, cloudNames } from '../../config/clouds.js'
import { type FederatedIdentityCredential, hasSubject, nearMisses } from '../../domain/credential.js'
import { acceptedAlgorithm } from '../../domain/issuer.js'
import { parseServiceAccountSubject, type ServiceAccountReference } from '../../domain/subject.js'
import type { TokenClaims } from '../evidence/model.js'

/** A reason for which Entra refuses a token, whatever the credentials are. */
export interface TokenProblem {
  readonly code:
    'Expired' | 'NotYetValid' | 'NoExpiry' | 'LivesTooLong' | 'WrongAlgorithm' | 'NoKeyId' | 'WrongAudience'
  /** One sentence without a full stop. */
  readonly message: string
}

/** The content of a token as plain data. It contains no part of the encoded token, so it is safe to show. */
export interface TokenDescription {
  readonly issuer: string
  readonly subject: string
  /** Undefined if the subject is not that of a service account. */
  readonly serviceAccount: ServiceAccountReference | undefined
  readonly audiences: readonly string[]
  /** The clouds that expect such an audience in an exchange: one or none. */
  readonly clouds: readonly CloudName[]
  readonly keyId: string | undefined
  readonly algorithm: string
  /** ISO 8601 in UTC, as are `notBefore` and `expiresAt`. Undefined if the token has no such claim. */
  readonly issuedAt: string | undefined
  readonly notBefore: string | undefined
  readonly expiresAt: string | undefined
  /** The time between issue and expiry. */
  readonly lifetimeSeconds: number | undefined
  /** Negative for an expired token. */
  readonly secondsLeft: number | undefined
  readonly problems: readonly TokenProblem[]
}

/** A claim of a token that differs from the value in a credential. Entra compares issuer, subject and audience, in this order. */
export interface ClaimDifference {
  readonly field: 'issuer' | 'subject' | 'audience'
  readonly token: string
  readonly credential: string
}

/** The credential that accepts a token, or else the nearest one and how it differs. Both are undefined if no credential has a subject. */
export interface Acceptance {
  readonly accepting: FederatedIdentityCredential | undefined
  readonly nearest:
    { readonly credential: FederatedIdentityCredential; readonly differences: readonly ClaimDifference[] } | undefined
}

/** Entra refuses tokens with a longer lifetime (AADSTS70023). */
const longestLifeSeconds = 24 * 60 * 60

/** Formats seconds since 1970 as ISO 8601 in UTC. Returns undefined for a number that is not a valid time. */
export function isoTime(seconds: number | undefined): string | undefined {
  const date = new Date((seconds ?? NaN) * 1000)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** Describes a token, and the problems that it has at a given time. */
export function describeToken(claims: TokenClaims, now: Date): TokenDescription {
  const { issuer, subject, audiences, keyId, algorithm, issuedAt, notBefore, expiresAt } = claims
  const expires = isoTime(expiresAt)
  return {
    issuer,
    subject,
    serviceAccount: parseServiceAccountSubject(subject),
    audiences,
    clouds: cloudNames.filter(name => audiences.includes(builtInCloud(name).exchangeAudience)),
    keyId,
    algorithm,
    issuedAt: isoTime(issuedAt),
    notBefore: isoTime(notBefore),
    expiresAt: expires,
    lifetimeSeconds: lifetimeOf(claims),
    secondsLeft:
      expiresAt === undefined || expires === undefined ? undefined : Math.floor(expiresAt - now.getTime() / 1000),
    problems: problemsOf(claims, now.getTime() / 1000)
  }
}

/** Returns undefined if a claim is missing, or if the token expires before it was issued. */
function lifetimeOf({ issuedAt, notBefore, expiresAt }: TokenClaims): number | undefined {
  const from = issuedAt ?? notBefore
  if (from === undefined || expiresAt === undefined || isoTime(from) === undefined || isoTime(expiresAt) === undefined)
    return undefined
  return expiresAt > from ? expiresAt - from : undefined
}

function problemsOf(claims: TokenClaims, now: number): TokenProblem[] {
  const { audiences, keyId, algorithm, notBefore, expiresAt } = claims
  const problems: TokenProblem[] = []
  const [expires, lifetime] = [isoTime(expiresAt), lifetimeOf(claims)]
  if (algorithm !== acceptedAlgorithm)
    problems.push({
      code: 'WrongAlgorithm',
      message: `it is signed with ${algorithm}, and Entra takes only ${acceptedAlgorithm} (AADSTS5002738)`
    })
  if (keyId === undefined)
    problems.push({ code: 'NoKeyId', message: 'it does not name the key that signed it (kid) (AADSTS5002723)' })
  if (!cloudNames.some(name => audiences.includes(builtInCloud(name).exchangeAudience))) {
    const audience = audiences.join(', ') || 'no audience'
    problems.push({
      code: 'WrongAudience',
      message: `it is for ${audience}, which no cloud of Azure has for exchanges: only a credential that names it would take it (AADSTS700212)`
    })
  }
  if (expiresAt === undefined || expires === undefined)
    problems.push({ code: 'NoExpiry', message: 'it does not say when it expires (exp) (AADSTS700024)' })
  else if (expiresAt <= now) problems.push({ code: 'Expired', message: `it expired at ${expires} (AADSTS700024)` })
  if (notBefore !== undefined && notBefore > now) {
    problems.push({
      code: 'NotYetValid',
      message: `it is not valid before ${isoTime(notBefore) ?? ''}: the clocks may differ (AADSTS700024)`
    })
  }
  if (lifetime !== undefined && lifetime > longestLifeSeconds) {
    problems.push({
      code: 'LivesTooLong',
      message: `it lives ${Math.round(lifetime / 3600)} hours, and Entra takes at most 24 (AADSTS70023)`
    })
  }
  return problems
}

/**
 * Finds the credential that accepts a token: issuer, subject and audience are equal byte for byte. If there is none, the nearest credential is one
 * that looks the same to a person, or else the one with the fewest differences. Leaves out flexible credentials, which have no subject.
 */
export function findAcceptingCredential(
  claims: TokenClaims,
  credentials: readonly FederatedIdentityCredential[]
): Acceptance {
  const comparable = credentials.filter(hasSubject)
  const accepting = comparable.find(credential => differencesOf(claims, credential).length === 0)
  if (accepting !== undefined) return { accepting, nearest: undefined }
  const lookalikes = nearMisses(claims, comparable)
  const [nearest] = (lookalikes.length > 0 ? lookalikes : comparable)
    .map(credential => ({ credential, differences: differencesOf(claims, credential) }))
    .sort((a, b) => distance(a.differences) - distance(b.differences))
  return { accepting: undefined, nearest }
}

function differencesOf(
  { issuer, subject, audiences }: TokenClaims,
  credential: FederatedIdentityCredential
): ClaimDifference[] {
  const differences: ClaimDifference[] = []
  if (credential.issuer !== issuer) differences.push({ field: 'issuer', token: issuer, credential: credential.issuer })
  if (credential.subject !== subject)
    differences.push({ field: 'subject', token: subject, credential: credential.subject })
  if (!credential.audiences.some(audience => audiences.includes(audience))) {
    differences.push({ field: 'audience', token: audiences.join(', '), credential: credential.audiences.join(', ') })
  }
  return differences
}

/**
 * Returns the number of differences. A difference in the subject counts 1.5, because the service accounts of a cluster share the issuer and the
 * audience but not the subject. It counts 0.5 if only the order of its parts is wrong, because that is a mistake in typing.
 */
function distance(differences: readonly ClaimDifference[]): number {
  const sortParts = (text: string): string => text.split(':').sort().join(':')
  const subject = differences.find(({ field }) => field === 'subject')
  return (
    differences.length +
    (subject === undefined ? 0 : sortParts(subject.token) === sortParts(subject.credential) ? -0.5 : 0.5)
  )
}
