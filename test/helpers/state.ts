import { randomUUID } from 'node:crypto'
import type { LoggedRequest, Sandbox } from '../../sandbox/src/sandbox.js'
import type { Application, FederatedIdentityCredential, ServicePrincipal } from '../../sandbox/src/graph/directory.js'
import type { KubernetesObject } from '../../sandbox/src/kubernetes/cluster.js'
import type { RoleAssignment } from '../../sandbox/src/arm/resources.js'
import type { State } from '../../sandbox/src/state.js'

/** Adds an application that others created. Writes directly to the state, as all functions here do, so that the sandbox logs no request. */
export function addApplication(state: State, displayName: string, more: Partial<Application> = {}): Application {
  const application: Application = {
    id: randomUUID(),
    appId: randomUUID(),
    displayName,
    uniqueName: null,
    description: null,
    notes: null,
    tags: [],
    signInAudience: 'AzureADMyOrg',
    identifierUris: [],
    createdDateTime: '2024-01-02T03:04:05.0000000Z',
    deletedDateTime: null,
    federatedIdentityCredentials: [],
    otherProperties: {},
    ...more
  }
  state.applications.set(application.id, application)
  return application
}

export function addServicePrincipal(
  state: State,
  { appId, displayName }: Pick<Application, 'appId' | 'displayName'>,
  tags: string[] = []
): ServicePrincipal {
  const principal: ServicePrincipal = {
    id: randomUUID(),
    appId,
    displayName,
    description: null,
    notes: null,
    tags,
    accountEnabled: true,
    servicePrincipalType: 'Application',
    appOwnerOrganizationId: state.tenantId,
    servicePrincipalNames: [appId],
    alternativeNames: [],
    createdDateTime: '2024-01-02T03:04:05Z',
    deletedDateTime: null,
    otherProperties: {}
  }
  state.servicePrincipals.set(principal.id, principal)
  return principal
}

export function addCredential(
  application: Application,
  more: Partial<FederatedIdentityCredential> = {}
): FederatedIdentityCredential {
  const credential = {
    id: randomUUID(),
    name: 'someone-elses',
    issuer: 'https://issuer.example/',
    subject: 'system:serviceaccount:default:other',
    audiences: ['api://AzureADTokenExchange'],
    description: null,
    ...more
  }
  application.federatedIdentityCredentials.push(credential)
  return credential
}

/** Adds a role assignment. `role` is the GUID of a built-in role. */
export function addRoleAssignment(state: State, principalId: string, scope: string, role: string): RoleAssignment {
  const name = randomUUID()
  const id = `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
  const assignment: RoleAssignment = {
    id,
    name,
    scope,
    principalId,
    principalType: 'ServicePrincipal',
    description: null,
    condition: null,
    conditionVersion: null,
    roleDefinitionId: `/subscriptions/${state.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    createdOn: '2024-01-02T03:04:05Z',
    updatedOn: '2024-01-02T03:04:05Z',
    createdBy: null,
    updatedBy: null
  }
  state.roleAssignments.set(id.toLowerCase(), assignment)
  return assignment
}

export function addServiceAccount(
  state: State,
  name: string,
  metadata: Partial<KubernetesObject['metadata']> = {},
  more: Partial<Record<string, KubernetesObject[string]>> = {}
): KubernetesObject {
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    ...more,
    metadata: {
      name,
      namespace: 'default',
      uid: randomUUID(),
      resourceVersion: state.cluster.nextResourceVersion(),
      creationTimestamp: '2024-01-02T03:04:05Z',
      managedFields: [],
      ...metadata
    }
  } as KubernetesObject
  state.cluster.serviceAccounts.set(`default/${name}`, account)
  return account
}

export const serviceAccountIn = (state: State, name: string, namespace = 'default'): KubernetesObject | undefined =>
  state.cluster.serviceAccounts.get(`${namespace}/${name}`)

/** Returns the only application. Throws if there is not exactly one. */
export function onlyApplication(state: State): Application {
  const [application, ...others] = state.applications.values()
  if (application === undefined || others.length > 0)
    throw new Error(`expected one application, found ${state.applications.size}`)
  return application
}

export const principalOf = (state: State, { appId }: Pick<Application, 'appId'>): ServicePrincipal | undefined =>
  [...state.servicePrincipals.values()].find(principal => principal.appId === appId)

/** Returns the requests that change something, without those of a login. */
export const writes = ({ requests }: Pick<Sandbox, 'requests'>): LoggedRequest[] =>
  requests.filter(
    ({ service, method, path }) =>
      ['graph', 'arm', 'kubernetes'].includes(service) && !['GET', 'HEAD'].includes(method) && !isReadByPost(path)
  )

/** Azure has operations that only read, and are a POST. */
const isReadByPost = (path: string): boolean =>
  /\/(listAssociatedResources|Microsoft\.ResourceGraph\/resources)$/.test(path)

export const readerRole = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
export const subscriptionScope = (state: State): string => `/subscriptions/${state.subscriptionId}`
export const groupScope = (state: State): string => `${subscriptionScope(state)}/resourceGroups/azwi-sandbox`
export const issuerOf = (state: State): string => state.cluster.issuer

/** Returns a copy of all that a command can change, to compare the state before and after. */
export const everythingIn = (state: State): unknown =>
  structuredClone({
    applications: state.applications,
    deleted: state.deletedApplications,
    principals: state.servicePrincipals,
    assignments: state.roleAssignments,
    accounts: state.cluster.serviceAccounts
  })

/** Adds a resource of any type, so that a role can be assigned at it. Returns its ID. */
export function addResource(state: State, type: string, name: string): string {
  const id = `${groupScope(state)}/providers/${type}/${name}`
  state.resources.set(id.toLowerCase(), { id, location: 'westeurope', userAssignedIdentities: [] })
  return id
}
