import { createHash } from 'node:crypto'
import { wholeSeconds } from '../dates.js'
import type { State } from '../state.js'
import type { ManagedIdentity } from './resources.js'

/**
 * Creates a managed identity and its service principal in the directory (recorded). Reads its name and resource group
 * from `id`.
 */
export function createManagedIdentity(
  state: State,
  id: string,
  location: string,
  tags: Record<string, string>
): ManagedIdentity {
  const [, , , , resourceGroup = '', , , , name = ''] = id.split('/')
  const identity: ManagedIdentity = {
    id,
    name,
    resourceGroup,
    location,
    tags,
    clientId: state.uuid(),
    principalId: state.uuid(),
    tenantId: state.tenantId,
    federatedIdentityCredentials: []
  }
  state.managedIdentities.set(id.toLowerCase(), identity)
  state.replication.written('managedIdentity', id)
  state.replication.written('resourceGraph', id)
  state.replication.written('servicePrincipal', identity.principalId)
  state.servicePrincipals.set(identity.principalId, {
    id: identity.principalId,
    appId: identity.clientId,
    displayName: name,
    description: null,
    notes: null,
    tags: [],
    accountEnabled: true,
    servicePrincipalType: 'ManagedIdentity',
    appOwnerOrganizationId: state.tenantId,
    servicePrincipalNames: [
      identity.clientId,
      `https://identity.azure.net/${createHash('sha256').update(identity.clientId).digest('base64')}`
    ],
    alternativeNames: ['isExplicit=True', id],
    createdDateTime: wholeSeconds(state.now()),
    deletedDateTime: null,
    otherProperties: {}
  })
  return identity
}

/**
 * Deletes a managed identity and its service principal. Its role assignments remain (RBAC troubleshooting, "Identity
 * not found").
 */
export function deleteManagedIdentity(state: State, identity: ManagedIdentity): void {
  state.managedIdentities.delete(identity.id.toLowerCase())
  state.deletedManagedIdentities.set(identity.id.toLowerCase(), identity)
  state.replication.written('resourceGraph', deletedKey(identity.id))
  state.servicePrincipals.delete(identity.principalId)
}

/** Returns the identities as Resource Graph knows them: it shows a new one late, and a deleted one for some time. */
export function indexedManagedIdentities(state: State): ManagedIdentity[] {
  const current = [...state.managedIdentities.values()].filter(({ id }) =>
    state.replication.isVisible('resourceGraph', id)
  )
  const deleted = [...state.deletedManagedIdentities.values()].filter(
    ({ id }) =>
      !state.replication.isVisible('resourceGraph', deletedKey(id)) && !state.managedIdentities.has(id.toLowerCase())
  )
  return [...current, ...deleted]
}

/** Returns the ID under which the deletion of an identity replicates. */
function deletedKey(id: string): string {
  return `deleted ${id}`
}
