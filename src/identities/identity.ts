import type { FederatedIdentityCredential } from '../domain/credential.js'

/**
 * What a service account is connected to. Each part is a question, answered from the flags where they say it and otherwise looked up
 * once, so that a phase asks only for the logins that it really uses.
 */
export interface Identity {
  readonly kind: 'application' | 'managed-identity'
  /** Made by this very run: nothing can hang on it yet, so nothing is looked up. */
  readonly isNew: boolean
  /** Goes into the service account's annotation. */
  readonly clientId: () => Promise<string>
  /** What roles are assigned to: the object id of the service principal. Undefined only while planning, where it is still to be made. */
  readonly principalId: () => Promise<string | undefined>
  /** Whether azwi made it; of applications, the Go azwi counts as well. */
  readonly isOurs: () => Promise<boolean>
  readonly credentials: CredentialStore
}

/** The federated identity credentials of one identity, wherever they are kept: Graph for an application, ARM for a managed identity. */
export interface CredentialStore {
  /** Names the identity in the log: `objectID` of an application, `managedIdentityID`. */
  readonly owner: () => Promise<Readonly<Record<string, string>>>
  /** As they were when first asked for. */
  readonly list: () => Promise<readonly FederatedIdentityCredential[]>
  /** Writes it under its name, new (`isFirst`) or not; can be sent again. */
  readonly write: (credential: FederatedIdentityCredential, isFirst: boolean) => Promise<void>
  /** False where it was gone already. */
  readonly delete: (name: string) => Promise<boolean>
}
