import { randomUUID } from 'node:crypto'
import type { Sandbox } from '../../sandbox/src/sandbox.js'
import type { FederatedIdentityCredential } from '../../sandbox/src/graph/directory.js'
import type { ManagedIdentity } from '../../sandbox/src/arm/resources.js'
import type { State } from '../../sandbox/src/state.js'

export const group = 'azwi-sandbox'
export const identityFlags = ['--managed-identity-name', 'shared', '--managed-identity-resource-group', group] as const

/** The resource id as a person copies it; ARM writes `resourcegroups` back. */
export const identityId = (state: State, name = 'shared', resourceGroup = group): string =>
  `/subscriptions/${state.subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`

/** A managed identity that somebody else made, with its service principal in the directory; no request is logged. */
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

/** The one managed identity that there is. */
export function onlyManagedIdentity(state: State): ManagedIdentity {
  const [identity, ...others] = state.managedIdentities.values()
  if (identity === undefined || others.length > 0)
    throw new Error(`expected one managed identity, and there are ${state.managedIdentities.size}`)
  return identity
}

/** Another resource group beside the sandbox's own. */
export function addResourceGroup(state: State, name: string, location = 'northeurope'): string {
  state.resourceGroups.set(name.toLowerCase(), { name, location, tags: {} })
  return `/subscriptions/${state.subscriptionId}/resourceGroups/${name}`
}

/** Everything that a flow with a managed identity may change, for comparing before and after. */
export const stateOf = (state: State): unknown =>
  structuredClone({
    identities: state.managedIdentities,
    principals: state.servicePrincipals,
    applications: state.applications,
    assignments: state.roleAssignments,
    accounts: state.cluster.serviceAccounts,
    namespaces: state.cluster.namespaces
  })

/** The services that were asked anything, each once. */
export const servicesAsked = ({ requests }: Pick<Sandbox, 'requests'>): string[] =>
  [...new Set(requests.map(({ service }) => service))].toSorted()
