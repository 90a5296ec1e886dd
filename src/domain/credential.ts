/** A federated identity credential: the tokens that an identity trusts. All but the name is compared byte for byte by Entra. */
export interface FederatedIdentityCredential {
  readonly name: string
  readonly issuer: string
  /** Empty in a flexible one, which has an expression in its place: what it trusts cannot be told by comparing. */
  readonly subject: string
  readonly audiences: readonly string[]
}

/** What a token must carry to match. */
export type Trust = Pick<FederatedIdentityCredential, 'issuer' | 'subject'>

/** Source: Entra's documentation, "important considerations and restrictions for federated identity credentials". */
export const maxCredentials = 20

export const hasSubject = ({ subject }: Trust): boolean => subject !== ''

/** Whether a credential trusts just these tokens, whatever its name is: an identity can have only one such. */
export const sameTrust =
  (wanted: Trust) =>
  (candidate: Trust): boolean =>
    candidate.issuer === wanted.issuer && candidate.subject === wanted.subject

/**
 * The credentials that a person would take for the wanted one, and Entra does not: they differ from it only by a trailing slash of the
 * issuer, letter case or white space.
 */
export function nearMisses<T extends Trust>(wanted: Trust, credentials: readonly T[]): T[] {
  const loose = ({ issuer, subject }: Trust): string =>
    JSON.stringify([folded(issuer).replace(/\/+$/, ''), folded(subject)])
  return credentials.filter(
    candidate => hasSubject(candidate) && !sameTrust(wanted)(candidate) && loose(candidate) === loose(wanted)
  )
}

const folded = (text: string): string => text.replace(/\s+/g, '').toLowerCase()
