import { createHash } from 'node:crypto'
import { wholeSeconds } from '../time.js'
import type { ManagedIdentity } from '../resources.js'
import type { World } from '../world.js'

/** Makes the identity and, in the directory, the service principal that it is known by there (recorded). The id ends in group and name. */
export function createManagedIdentity(
  world: World,
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
    clientId: world.uuid(),
    principalId: world.uuid(),
    tenantId: world.tenantId,
    federatedIdentityCredentials: []
  }
  world.managedIdentities.set(id.toLowerCase(), identity)
  world.replication.written('managedIdentity', id)
  world.replication.written('servicePrincipal', identity.principalId)
  world.servicePrincipals.set(identity.principalId, {
    id: identity.principalId,
    appId: identity.clientId,
    displayName: name,
    description: null,
    notes: null,
    tags: [],
    accountEnabled: true,
    servicePrincipalType: 'ManagedIdentity',
    appOwnerOrganizationId: world.tenantId,
    servicePrincipalNames: [
      identity.clientId,
      `https://identity.azure.net/${createHash('sha256').update(identity.clientId).digest('base64')}`
    ],
    alternativeNames: ['isExplicit=True', id],
    createdDateTime: wholeSeconds(world.now()),
    deletedDateTime: null,
    otherProperties: {}
  })
  return identity
}

/** Takes the identity and its service principal away. Its role assignments stay behind ("Identity not found": RBAC troubleshooting). */
export function removeManagedIdentity(world: World, identity: ManagedIdentity): void {
  world.managedIdentities.delete(identity.id.toLowerCase())
  world.servicePrincipals.delete(identity.principalId)
}
