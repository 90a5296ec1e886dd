/** A federated identity credential. It says which tokens an identity trusts. Entra compares all members except the name byte for byte. */
export interface FederatedIdentityCredential {
  readonly name: string
  readonly issuer: string
  /** Empty in a flexible credential, which has an expression instead. azwi does not evaluate the expression. */
  readonly subject: string
  readonly audiences: readonly string[]
}

/** The claims of a token that a credential must match. */
export type Trust = Pick<FederatedIdentityCredential, 'issuer' | 'subject'>

/**
 * The number of credentials that one identity can have. Source: Entra's documentation, "important considerations and restrictions for
 * federated identity credentials".
 */
export const maxCredentials = 20

/** Reports whether a credential has a subject to compare. A flexible credential has none. */
export const hasSubject = ({ subject }: Trust): boolean => subject !== ''

/** Returns the flexible credentials of an issuer, or of any issuer if it is not known. Each might match a subject: azwi does not evaluate the expression. */
export function flexibleCredentials<T extends Trust>(credentials: readonly T[], issuer: string | undefined): T[] {
  return credentials.filter(
    credential => !hasSubject(credential) && (issuer === undefined || credential.issuer === issuer)
  )
}

/** Reports whether a credential trusts the wanted issuer and subject, under any name. An identity can have only one such credential. */
export const sameTrust =
  (wanted: Trust) =>
  (candidate: Trust): boolean =>
    candidate.issuer === wanted.issuer && candidate.subject === wanted.subject

/**
 * Returns the credentials that look like the wanted one, but do not match in Entra: they differ only in a trailing slash of the issuer, in
 * letter case or in white space.
 */
export function nearMisses<T extends Trust>(wanted: Trust, credentials: readonly T[]): T[] {
  const normalized = ({ issuer, subject }: Trust): string =>
    JSON.stringify([withoutCaseAndSpace(issuer).replace(/\/+$/, ''), withoutCaseAndSpace(subject)])
  return credentials.filter(
    candidate => hasSubject(candidate) && !sameTrust(wanted)(candidate) && normalized(candidate) === normalized(wanted)
  )
}

const withoutCaseAndSpace = (text: string): string => text.replace(/\s+/g, '').toLowerCase()
