import type { FederatedIdentityCredential } from '../domain/credential.js'

/** The identity that a service account names by its client id. */
export interface ConnectedIdentity {
  readonly kind: 'application' | 'managed-identity'
  readonly name: string
  readonly clientId: string
  /** The object id of an application (undefined where it lives in another tenant), or the resource id of a managed identity. */
  readonly id: string | undefined
  /** The object id of the service principal. */
  readonly principalId: Found<string>
  /** Whether Entra gives its service principal tokens. */
  readonly enabled: boolean | undefined
}

export interface HeldRole {
  /** The id of the assignment. */
  readonly id: string
  /** Its name, or the GUID where that cannot be known. */
  readonly role: string
  readonly scope: string
}

/** Null is what was looked for and is not there; undefined is what could not be looked at. */
export type Found<T> = T | null | undefined

/** A service account of the cluster, and how far what it is annotated with leads. */
export interface Connection {
  readonly namespace: string
  readonly name: string
  /** As annotated; empty where there is none. */
  readonly clientId: string
  readonly tenantId: string | undefined
  readonly issuer: string | undefined
  /** The `sub` of its tokens. */
  readonly subject: string
  readonly identity: Found<ConnectedIdentity>
  /** All those of the identity. */
  readonly credentials: readonly FederatedIdentityCredential[] | undefined
  /** The one that trusts the tokens of this service account. */
  readonly credential: Found<FederatedIdentityCredential>
  /** The identity's own ones in the subscription, above and below it. */
  readonly roles: readonly HeldRole[] | undefined
  readonly problems: readonly Problem[]
}

export type ProblemCode =
  'NoClientId' | 'OtherTenant' | 'IdentityNotFound' | 'PrincipalNotFound' | 'NoCredential' | 'WrongAudience' | 'NoRole'

/** Something that does not fit, so that a pod would get no token or could do nothing with it. */
export interface Problem {
  readonly code: ProblemCode
  readonly message: string
}

/** Whether something about it could not be looked at. */
export function isIncomplete({ identity, credential, roles }: Connection): boolean {
  return (
    identity === undefined ||
    (identity !== null && (credential === undefined || roles === undefined || identity.principalId === undefined))
  )
}
