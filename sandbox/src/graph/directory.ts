import type { Json } from '../json.js'

/** A federated identity credential of an application (Graph) or of a managed identity (ARM, without a description). */
export interface FederatedIdentityCredential {
  id: string
  name: string
  issuer: string
  /** Empty for a flexible credential. */
  subject: string
  /** The expression of a flexible credential, which stands in place of the subject. */
  claimsMatchingExpression?: ClaimsMatchingExpression
  audiences: string[]
  description: string | null
}

/** An expression that the claims of a token must match (Entra, flexible federated identity credentials). */
export interface ClaimsMatchingExpression {
  readonly value: string
  readonly languageVersion: number
}

/** An application in the directory. */
export interface Application {
  /** The object ID. */
  id: string
  /** The client ID. */
  appId: string
  displayName: string
  uniqueName: string | null
  description: string | null
  notes: string | null
  tags: string[]
  signInAudience: string
  identifierUris: string[]
  createdDateTime: string
  deletedDateTime: string | null
  federatedIdentityCredentials: FederatedIdentityCredential[]
  /** All other properties, as the client sent them. */
  otherProperties: Record<string, Json>
}

/** An application in `/directory/deletedItems`. */
export interface DeletedApplication extends Application {
  deletedDateTime: string
}

/** A service principal in the directory. */
export interface ServicePrincipal {
  /** The object ID. Role assignments use it as `principalId`. */
  id: string
  appId: string
  displayName: string
  description: string | null
  notes: string | null
  tags: string[]
  accountEnabled: boolean
  /** `Application`, or `ManagedIdentity` if ARM created it for a managed identity. */
  servicePrincipalType: string
  /** The tenant of the application. It can be another tenant than the sandbox's. */
  appOwnerOrganizationId: string
  servicePrincipalNames: string[]
  alternativeNames: string[]
  createdDateTime: string
  deletedDateTime: string | null
  otherProperties: Record<string, Json>
}

/** A user or service principal that owns an application or a service principal. */
export interface DirectoryOwner {
  /** The object ID. */
  readonly id: string
  readonly displayName: string
  /** Undefined for a service principal. */
  readonly userPrincipalName?: string
}

/**
 * The secrets and certificates of the clients, keyed by client ID in lower case. Nothing else in the state contains a
 * secret.
 */
export interface ClientCredentials {
  readonly secrets: Map<string, string[]>
  readonly certificates: Map<string, ClientCertificate[]>
}

/** A certificate that verifies the client assertions of an application (`keyCredentials` in Graph). */
export interface ClientCertificate {
  /** base64url of SHA-1 over the DER, as in the `x5t` header. */
  readonly sha1: string
  /** base64url of SHA-256 over the DER, as in the `x5t#S256` header. */
  readonly sha256: string
  readonly pem: string
}
