import type { Json } from '../json.js'

/** Trust of a token from elsewhere: the same thing under an application (Graph) and under a managed identity (ARM, no description there). */
export interface FederatedIdentityCredential {
  id: string
  name: string
  issuer: string
  subject: string
  audiences: string[]
  description: string | null
}

export interface Application {
  /** The object id. */
  id: string
  /** The client id. */
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
  /** Whatever else a client wrote, as it wrote it. */
  otherProperties: Record<string, Json>
}

/** In `/directory/deletedItems`: the application, and the service principals that went with it. */
export interface DeletedApplication extends Application {
  deletedDateTime: string
}

export interface ServicePrincipal {
  /** The object id: the principal that a role assignment names. */
  id: string
  appId: string
  displayName: string
  description: string | null
  notes: string | null
  tags: string[]
  accountEnabled: boolean
  /** `Application`, or `ManagedIdentity` for the one that ARM makes. */
  servicePrincipalType: string
  /** The tenant of the application; another one than this for an application that lives elsewhere. */
  appOwnerOrganizationId: string
  servicePrincipalNames: string[]
  alternativeNames: string[]
  createdDateTime: string
  deletedDateTime: string | null
  otherProperties: Record<string, Json>
}

/** How a client proves itself at the token endpoint, besides federated credentials. By client id in lower case. Secrets are kept nowhere else. */
export interface ClientCredentials {
  readonly secrets: Map<string, string[]>
  readonly certificates: Map<string, ClientCertificate[]>
}

/** A certificate that an application may sign assertions with (`keyCredentials` in Graph). */
export interface ClientCertificate {
  /** base64url of SHA-1 over the DER, as `x5t` carries it. */
  readonly sha1: string
  /** base64url of SHA-256 over the DER, as `x5t#S256` carries it. */
  readonly sha256: string
  readonly pem: string
}
