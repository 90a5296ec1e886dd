import { builtInCloud, type CloudName, cloudNames } from '../../config/clouds.js'
import { type FederatedIdentityCredential, hasSubject, nearMisses } from '../../domain/credential.js'
import { parseServiceAccountSubject, type ServiceAccountReference } from '../../domain/subject.js'
import { takenAlgorithm } from '../checks/issuer-keys.js'
import type { TokenClaims } from '../evidence/model.js'

/** Something for which Entra would refuse the token, whatever the credentials are. */
export interface TokenProblem {
  readonly code:
    'Expired' | 'NotYetValid' | 'NoExpiry' | 'LivesTooLong' | 'WrongAlgorithm' | 'NoKeyId' | 'WrongAudience'
  /** One sentence, without a full stop. */
  readonly message: string
}

/** What a token says of itself, as plain data: it can be shown as it is, and holds no part of the token as such. */
export interface TokenDescription {
  readonly issuer: string
  readonly subject: string
  /** Where the subject is a service account's. */
  readonly serviceAccount: ServiceAccountReference | undefined
  readonly audiences: readonly string[]
  /** The clouds whose Entra takes a token for such an audience; one, or none. */
  readonly clouds: readonly CloudName[]
  readonly keyId: string | undefined
  readonly algorithm: string
  /** ISO 8601, in UTC; undefined where the token does not say. */
  readonly issuedAt: string | undefined
  readonly notBefore: string | undefined
  readonly expiresAt: string | undefined
  /** From when it was issued to when it expires. */
  readonly lifetimeSeconds: number | undefined
  /** Negative once it has expired. */
  readonly secondsLeft: number | undefined
  readonly problems: readonly TokenProblem[]
}

/** How one claim of a token and a credential's counterpart differ. Entra compares them in the order issuer, subject, audience. */
export interface ClaimDifference {
  readonly field: 'issuer' | 'subject' | 'audience'
  readonly token: string
  readonly credential: string
}

/** Which credential takes the token, or else which comes nearest and why it does not; both undefined where there are no credentials with a subject. */
export interface Acceptance {
  readonly accepting: FederatedIdentityCredential | undefined
  readonly nearest:
    { readonly credential: FederatedIdentityCredential; readonly differences: readonly ClaimDifference[] } | undefined
}

/** Entra refuses tokens that live longer (AADSTS70023). */
const longestLifeSeconds = 24 * 60 * 60

/** A time in seconds since 1970 as ISO 8601; undefined for what is no time. */
export function isoTime(seconds: number | undefined): string | undefined {
  const date = new Date((seconds ?? NaN) * 1000)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** All that can be said of a token alone, at a given time. */
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

/** Undefined where the token does not say, or says what makes no sense. */
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
  if (algorithm !== takenAlgorithm)
    problems.push({
      code: 'WrongAlgorithm',
      message: `it is signed with ${algorithm}, and Entra takes only ${takenAlgorithm} (AADSTS5002738)`
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
 * Looks among the credentials of an identity for the one that trusts a token: issuer, subject and audience are its own, byte for byte. The
 * nearest is the one that a person would take for it, else the one with the fewest differences, and among these one for the same subject. One without a subject is left out.
 */
export function whoAccepts(claims: TokenClaims, all: readonly FederatedIdentityCredential[]): Acceptance {
  const credentials = all.filter(hasSubject)
  const compared = (
    among: readonly FederatedIdentityCredential[]
  ): { credential: FederatedIdentityCredential; differences: ClaimDifference[] }[] =>
    among.map(credential => ({ credential, differences: differencesOf(claims, credential) }))
  const accepting = compared(credentials).find(({ differences }) => differences.length === 0)?.credential
  if (accepting !== undefined) return { accepting, nearest: undefined }
  const near = nearMisses(claims, credentials)
  const [nearest] = compared(near.length > 0 ? near : credentials).sort(
    (a, b) => distance(a.differences) - distance(b.differences)
  )
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
 * A difference in the subject weighs more than any other one, but less than two: each service account has a credential of its own, and all share
 * an issuer. Parts in another order are a slip.
 */
function distance(differences: readonly ClaimDifference[]): number {
  const parts = (text: string): string => text.split(':').sort().join(':')
  const subject = differences.find(({ field }) => field === 'subject')
  return (
    differences.length + (subject === undefined ? 0 : parts(subject.token) === parts(subject.credential) ? -0.5 : 0.5)
  )
}
