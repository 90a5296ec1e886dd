import { createManagedIdentity } from '../../sandbox/src/arm/managed-identity-write.js'
import type { Application, ServicePrincipal } from '../../sandbox/src/graph/directory.js'
import type { ManagedIdentity } from '../../sandbox/src/arm/resources.js'
import type { State } from '../../sandbox/src/state.js'
import {
  addApplication,
  addCredential,
  addRoleAssignment,
  addServiceAccount,
  addServicePrincipal,
  groupScope,
  issuerOf,
  readerRole
} from './state.js'

const clientIdKey = 'azure.workload.identity/client-id'
const audience = 'api://AzureADTokenExchange'

export const subjectOf = (name: string, namespace = 'default'): string => `system:serviceaccount:${namespace}:${name}`

/** Adds an annotated service account, in any namespace. */
export function addAnnotated(
  state: State,
  name: string,
  clientId: string | undefined,
  namespace = 'default',
  more: Record<string, string> = {}
): void {
  const annotations = { ...(clientId === undefined ? {} : { [clientIdKey]: clientId }), ...more }
  const account = addServiceAccount(state, name, { namespace, annotations })
  state.cluster.serviceAccounts.delete(`default/${name}`)
  state.cluster.serviceAccounts.set(`${namespace}/${name}`, account)
}

/** Adds a complete connection: service account, application, principal, credential and the role Reader. */
export function connectApplication(
  state: State,
  name: string,
  namespace = 'default'
): { application: Application; principal: ServicePrincipal } {
  const application = addApplication(state, `${namespace}-${name}`)
  const principal = addServicePrincipal(state, application)
  addCredential(application, {
    name: `${name}-credential`,
    issuer: issuerOf(state),
    subject: subjectOf(name, namespace)
  })
  addRoleAssignment(state, principal.id, groupScope(state), readerRole)
  addAnnotated(state, name, application.appId, namespace)
  return { application, principal }
}

/** Adds a complete connection with a managed identity of the same name. */
export function connectManagedIdentity(state: State, name: string, namespace = 'default'): ManagedIdentity {
  const id = `${groupScope(state).replace('resourceGroups', 'resourcegroups')}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
  const identity = createManagedIdentity(state, id, 'westeurope', {})
  identity.federatedIdentityCredentials.push({
    id: `${id}/federatedIdentityCredentials/own`,
    name: 'own',
    issuer: issuerOf(state),
    subject: subjectOf(name, namespace),
    audiences: [audience],
    description: null
  })
  addRoleAssignment(state, identity.principalId, groupScope(state), readerRole)
  addAnnotated(state, name, identity.clientId, namespace)
  return identity
}
