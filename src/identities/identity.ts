import type { FederatedIdentityCredential } from '../domain/credential.js'

/**
 * The identity that a service account is connected to: an application or a managed identity. Each part comes from the flags, or is looked up
 * once when first asked for, so that a phase logs in only to the services that it uses.
 */
export interface Identity {
  readonly kind: 'application' | 'managed-identity'
  /** Whether this run created the identity. A new identity has no credentials and no roles, so none are looked up. */
  readonly isNew: boolean
  /** The value of the service account's annotation. */
  readonly clientId: () => Promise<string>
  /** The object ID of the service principal, to which roles are assigned. Undefined only in a plan that will create it. */
  readonly principalId: () => Promise<string | undefined>
  /** Reports whether the identity bears the mark of azwi or of the Go azwi. */
  readonly isMarked: () => Promise<boolean>
  /** The display name of an application, or the name of a managed identity. */
  readonly name: () => Promise<string>
  /** Lists what people have added to the identity, such as "2 client secrets". azwi itself adds none of it. */
  readonly additions: () => Promise<readonly string[]>
  /**
   * Lists what lets others act as the identity, apart from its federated identity credentials: owners other than this login, secrets, certificates.
   * Empty for a managed identity.
   */
  readonly accessOfOthers: () => Promise<readonly string[]>
  /** The resource ID of a managed identity. */
  readonly resourceId?: () => Promise<string>
  readonly credentials: CredentialStore
}

/** The federated identity credentials of one identity. Graph keeps those of an application, ARM those of a managed identity. */
export interface CredentialStore {
  /** The ID of the identity under the key that the log uses: `objectID` of an application, or `managedIdentityID`. */
  readonly owner: () => Promise<Readonly<Record<string, string>>>
  /** The credentials, read once. */
  readonly list: () => Promise<readonly FederatedIdentityCredential[]>
  /** Creates the credential (`isNew`) or changes it. Idempotent. */
  readonly write: (credential: FederatedIdentityCredential, isNew: boolean) => Promise<void>
  /** Deletes the credential. Resolves to false if it does not exist. */
  readonly delete: (name: string) => Promise<boolean>
}
