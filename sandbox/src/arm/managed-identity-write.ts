import { createHash } from 'node:crypto'
import { wholeSeconds } from '../dates.js'
import type { State } from '../state.js'
import type { ManagedIdentity } from './resources.js'

/** Makes the identity and, in the directory, the service principal that it is known by there (recorded). The id ends in group and name. */
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

/** Takes the identity and its service principal away. Its role assignments stay behind ("Identity not found": RBAC troubleshooting). */
export function removeManagedIdentity(state: State, identity: ManagedIdentity): void {
  state.managedIdentities.delete(identity.id.toLowerCase())
  state.servicePrincipals.delete(identity.principalId)
}
