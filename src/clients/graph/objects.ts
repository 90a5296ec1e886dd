import type { FederatedIdentityCredential } from '../../domain/credential.js'
import { parseManagedIdentityId } from '../../domain/azure-ids.js'

export interface Application {
  readonly objectId: string
  readonly clientId: string
  readonly displayName: string
  readonly createdDateTime: string
  readonly tags: readonly string[]
}

export interface ServicePrincipal {
  readonly objectId: string
  readonly clientId: string
  readonly displayName: string
  readonly tags: readonly string[]
  /** Whether Entra gives it tokens. */
  readonly enabled: boolean
  /** The resource id, where it is the principal of a user-assigned managed identity. */
  readonly managedIdentityId?: string
}

export interface DeletedApplication {
  readonly objectId: string
  readonly displayName: string
  /** As Graph writes it: ISO 8601. */
  readonly deletedDateTime: string
}

export interface NewApplication {
  readonly displayName: string
  readonly uniqueName: string
  readonly tags: readonly string[]
}

/** As Graph sends it. */
export interface WireApplication {
  id: string
  appId: string
  displayName: string
  createdDateTime: string
  tags: string[]
}
export interface WireServicePrincipal {
  id: string
  appId: string
  displayName: string
  tags: string[]
  alternativeNames?: string[]
  accountEnabled?: boolean
}
/** A flexible one has an expression that subjects must match (`claimsMatchingExpression`), and no subject of its own. */
export type WireCredential = Pick<FederatedIdentityCredential, 'name' | 'issuer' | 'audiences'> & {
  readonly subject?: string | null
}

/** What is asked for of each. */
export const applicationFields = 'id,appId,displayName,createdDateTime,tags'
export const principalFields = 'id,appId,displayName,tags,alternativeNames,accountEnabled'

/** As the phases know it. */
export const application = ({ id, appId, displayName, createdDateTime, tags }: WireApplication): Application => ({
  objectId: id,
  clientId: appId,
  displayName,
  createdDateTime,
  tags
})

/** As the phases know it. Source of the alternative name: Entra's documentation of managed identities; recorded. */
export function principal({
  id,
  appId,
  displayName,
  tags,
  alternativeNames = [],
  accountEnabled = true
}: WireServicePrincipal): ServicePrincipal {
  const managedIdentityId = alternativeNames.find(name => parseManagedIdentityId(name) !== undefined)
  return {
    objectId: id,
    clientId: appId,
    displayName,
    tags,
    enabled: accountEnabled,
    ...(managedIdentityId === undefined ? {} : { managedIdentityId })
  }
}

/** As the phases know it: a flexible one has an empty subject. */
export const credential = ({ name, issuer, subject, audiences }: WireCredential): FederatedIdentityCredential => ({
  name,
  issuer,
  subject: subject ?? '',
  audiences
})
