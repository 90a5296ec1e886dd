import { createManagedIdentity } from '../../sandbox/src/arm/managed-identity-directory.js'
import type { Application, ServicePrincipal } from '../../sandbox/src/directory.js'
import type { ManagedIdentity } from '../../sandbox/src/resources.js'
import type { World } from '../../sandbox/src/world.js'
import {
  addApplication,
  addCredential,
  addRoleAssignment,
  addServiceAccount,
  addServicePrincipal,
  groupScope,
  issuerOf,
  readerRole
} from './world.js'

const clientIdKey = 'azure.workload.identity/client-id'
const audience = 'api://AzureADTokenExchange'

export const subjectOf = (name: string, namespace = 'default'): string => `system:serviceaccount:${namespace}:${name}`

/** A service account that is annotated, in any namespace. */
export function addAnnotated(
  world: World,
  name: string,
  clientId: string | undefined,
  namespace = 'default',
  more: Record<string, string> = {}
): void {
  const annotations = { ...(clientId === undefined ? {} : { [clientIdKey]: clientId }), ...more }
  const account = addServiceAccount(world, name, { namespace, annotations })
  world.cluster.serviceAccounts.delete(`default/${name}`)
  world.cluster.serviceAccounts.set(`${namespace}/${name}`, account)
}

/** A service account with all that it needs: application, principal, credential and the role Reader. */
export function connectApplication(
  world: World,
  name: string,
  namespace = 'default'
): { application: Application; principal: ServicePrincipal } {
  const application = addApplication(world, `${namespace}-${name}`)
  const principal = addServicePrincipal(world, application)
  addCredential(application, {
    name: `${name}-credential`,
    issuer: issuerOf(world),
    subject: subjectOf(name, namespace)
  })
  addRoleAssignment(world, principal.id, groupScope(world), readerRole)
  addAnnotated(world, name, application.appId, namespace)
  return { application, principal }
}

/** The same with a managed identity of that name. */
export function connectManagedIdentity(world: World, name: string, namespace = 'default'): ManagedIdentity {
  const id = `${groupScope(world).replace('resourceGroups', 'resourcegroups')}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
  const identity = createManagedIdentity(world, id, 'westeurope', {})
  identity.federatedIdentityCredentials.push({
    id: `${id}/federatedIdentityCredentials/own`,
    name: 'own',
    issuer: issuerOf(world),
    subject: subjectOf(name, namespace),
    audiences: [audience],
    description: null
  })
  addRoleAssignment(world, identity.principalId, groupScope(world), readerRole)
  addAnnotated(world, name, identity.clientId, namespace)
  return identity
}
