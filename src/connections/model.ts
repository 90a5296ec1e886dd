import type { ServiceAccount } from '../clients/kubernetes/client.js'
import type { FederatedIdentityCredential } from '../domain/credential.js'
import { ourAnnotations } from '../ownership/service-account.js'

/** The result of a lookup: null if the object does not exist, undefined if it could not be read. */
export type Found<T> = T | null | undefined

/** The identity with the client ID that a service account names. */
export interface ConnectedIdentity {
  readonly kind: 'application' | 'managed-identity'
  readonly name: string
  readonly clientId: string
  /** The resource ID of a managed identity, or the object ID of an application. Undefined if the application is in another tenant. */
  readonly id: string | undefined
  /** The object ID of the service principal. */
  readonly principalId: Found<string>
  /** Whether the service principal is enabled. Entra gives a disabled one no token. */
  readonly enabled: boolean | undefined
}

/** A role assignment of an identity. */
export interface AssignedRole {
  /** The resource ID of the assignment. */
  readonly id: string
  /** The name of the role, or its GUID if the name could not be read. */
  readonly role: string
  readonly scope: string
}

/** A service account with the identity, the credential and the roles that its annotations lead to. */
export interface Connection {
  readonly namespace: string
  readonly name: string
  /** The annotation's value. Empty if it is missing or blank. */
  readonly clientId: string
  readonly tenantId: string | undefined
  readonly issuer: string | undefined
  /** The `sub` claim of the service account's tokens. */
  readonly subject: string
  readonly identity: Found<ConnectedIdentity>
  /** All credentials of the identity. */
  readonly credentials: readonly FederatedIdentityCredential[] | undefined
  /** The credential that trusts the tokens of this service account. Undefined also if only a flexible credential might trust them. */
  readonly credential: Found<FederatedIdentityCredential>
  /** The roles that are assigned to the identity itself in the subscription, at any scope. Roles of its groups are not included. */
  readonly roles: readonly AssignedRole[] | undefined
  readonly problems: readonly Problem[]
}

export type ProblemCode =
  'NoClientId' | 'OtherTenant' | 'IdentityNotFound' | 'PrincipalNotFound' | 'NoCredential' | 'WrongAudience' | 'NoRole'

/** A reason why a pod would get no token, or a token without a permission. */
export interface Problem {
  readonly code: ProblemCode
  readonly message: string
}

/** Reports whether a part of a connection could not be read. */
export function isIncomplete({ identity, credential, roles }: Connection): boolean {
  return (
    identity === undefined ||
    (identity !== null && (credential === undefined || roles === undefined || identity.principalId === undefined))
  )
}

/** Reports whether a service account has an annotation of workload identity, even one that leads nowhere. */
export const isAnnotated = (account: ServiceAccount): boolean => ourAnnotations(account).length > 0
