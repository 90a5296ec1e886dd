import { randomUUID } from 'node:crypto'
import type { Sandbox } from '../../sandbox/src/sandbox.js'
import type { FederatedIdentityCredential } from '../../sandbox/src/graph/directory.js'
import type { ManagedIdentity } from '../../sandbox/src/arm/resources.js'
import type { State } from '../../sandbox/src/state.js'

export const group = 'azwi-sandbox'
export const identityFlags = ['--managed-identity-name', 'shared', '--managed-identity-resource-group', group] as const

/** Returns the resource ID as the portal shows it. ARM returns it with `resourcegroups` in lower case. */
export const identityId = (state: State, name = 'shared', resourceGroup = group): string =>
  `/subscriptions/${state.subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`

/** Adds a managed identity that azwi did not create, with its service principal. Logs no request. */
export function addManagedIdentity(
  state: State,
  name = 'shared',
  more: Partial<ManagedIdentity> = {}
): ManagedIdentity {
  const id = identityId(state, name).replace('resourceGroups', 'resourcegroups')
  const identity: ManagedIdentity = {
    id,
    name,
    resourceGroup: group,
    location: 'westeurope',
    tags: {},
    clientId: randomUUID(),
    principalId: randomUUID(),
    tenantId: state.tenantId,
    federatedIdentityCredentials: [],
    ...more
  }
  state.managedIdentities.set(id.toLowerCase(), identity)
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
    servicePrincipalNames: [identity.clientId],
    alternativeNames: ['isExplicit=True', id],
    createdDateTime: '2024-01-02T03:04:05Z',
    deletedDateTime: null,
    otherProperties: {}
  })
  return identity
}

export function addIdentityCredential(
  identity: ManagedIdentity,
  more: Partial<FederatedIdentityCredential> = {}
): FederatedIdentityCredential {
  const name = more.name ?? 'someone-elses'
  const credential = {
    id: `${identity.id}/federatedIdentityCredentials/${name}`,
    name,
    issuer: 'https://issuer.example/',
    subject: 'system:serviceaccount:default:other',
    audiences: ['api://AzureADTokenExchange'],
    description: null,
    ...more
  }
  identity.federatedIdentityCredentials.push(credential)
  return credential
}

/** Returns the only managed identity. Throws if there is not exactly one. */
export function onlyManagedIdentity(state: State): ManagedIdentity {
  const [identity, ...others] = state.managedIdentities.values()
  if (identity === undefined || others.length > 0)
    throw new Error(`expected one managed identity, found ${state.managedIdentities.size}`)
  return identity
}

/** Adds a resource group. Returns its resource ID. */
export function addResourceGroup(state: State, name: string, location = 'northeurope'): string {
  state.resourceGroups.set(name.toLowerCase(), { name, location, tags: {} })
  return `/subscriptions/${state.subscriptionId}/resourceGroups/${name}`
}

/** Returns a copy of all that a flow with a managed identity can change, to compare the state before and after. */
export const stateOf = (state: State): unknown =>
  structuredClone({
    identities: state.managedIdentities,
    principals: state.servicePrincipals,
    applications: state.applications,
    assignments: state.roleAssignments,
    accounts: state.cluster.serviceAccounts,
    namespaces: state.cluster.namespaces
  })

/** Returns the services that received a request, sorted, each once. */
export const servicesAsked = ({ requests }: Pick<Sandbox, 'requests'>): string[] =>
  [...new Set(requests.map(({ service }) => service))].toSorted()
