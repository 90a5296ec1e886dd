import { randomUUID } from 'node:crypto'
import type { LoggedRequest, Sandbox } from '../../sandbox/src/index.js'
import type { Application, FederatedIdentityCredential, ServicePrincipal } from '../../sandbox/src/directory.js'
import type { KubernetesObject } from '../../sandbox/src/kubernetes/cluster.js'
import type { RoleAssignment } from '../../sandbox/src/resources.js'
import type { World } from '../../sandbox/src/world.js'

/** What others have put into the cloud before azwi comes: written straight into the world, so that no request is logged. */
export function addApplication(world: World, displayName: string, more: Partial<Application> = {}): Application {
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
  world.applications.set(application.id, application)
  return application
}

export function addServicePrincipal(
  world: World,
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
    appOwnerOrganizationId: world.tenantId,
    servicePrincipalNames: [appId],
    alternativeNames: [],
    createdDateTime: '2024-01-02T03:04:05Z',
    deletedDateTime: null,
    otherProperties: {}
  }
  world.servicePrincipals.set(principal.id, principal)
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

/** The role is named by its GUID. */
export function addRoleAssignment(world: World, principalId: string, scope: string, role: string): RoleAssignment {
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
    roleDefinitionId: `/subscriptions/${world.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    createdOn: '2024-01-02T03:04:05Z',
    updatedOn: '2024-01-02T03:04:05Z',
    createdBy: null,
    updatedBy: null
  }
  world.roleAssignments.set(id.toLowerCase(), assignment)
  return assignment
}

export function addServiceAccount(
  world: World,
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
      resourceVersion: world.cluster.nextResourceVersion(),
      creationTimestamp: '2024-01-02T03:04:05Z',
      managedFields: [],
      ...metadata
    }
  } as KubernetesObject
  world.cluster.serviceAccounts.set(`default/${name}`, account)
  return account
}

export const serviceAccountIn = (world: World, name: string, namespace = 'default'): KubernetesObject | undefined =>
  world.cluster.serviceAccounts.get(`${namespace}/${name}`)

/** The one application that there is. */
export function onlyApplication(world: World): Application {
  const [application, ...others] = world.applications.values()
  if (application === undefined || others.length > 0)
    throw new Error(`expected one application, and there are ${world.applications.size}`)
  return application
}

export const principalOf = (world: World, { appId }: Pick<Application, 'appId'>): ServicePrincipal | undefined =>
  [...world.servicePrincipals.values()].find(principal => principal.appId === appId)

/** Requests that change something, other than logging in. */
export const writes = ({ requests }: Pick<Sandbox, 'requests'>): LoggedRequest[] =>
  requests.filter(
    ({ service, method }) => ['graph', 'arm', 'kubernetes'].includes(service) && !['GET', 'HEAD'].includes(method)
  )

export const readerRole = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
export const subscriptionScope = (world: World): string => `/subscriptions/${world.subscriptionId}`
export const groupScope = (world: World): string => `${subscriptionScope(world)}/resourceGroups/azwi-sandbox`
export const issuerOf = (world: World): string => world.cluster.issuer

/** Everything that a command may change, for comparing before and after. */
export const everythingIn = (world: World): unknown =>
  structuredClone({
    applications: world.applications,
    deleted: world.deletedApplications,
    principals: world.servicePrincipals,
    assignments: world.roleAssignments,
    accounts: world.cluster.serviceAccounts
  })
