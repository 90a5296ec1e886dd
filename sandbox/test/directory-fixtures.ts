import type { Sandbox } from '../src/sandbox.js'
import type { Application, FederatedIdentityCredential } from '../src/graph/directory.js'

/** Adds an application to the state of the sandbox without a request to Graph, by default with a service principal. */
export function addApplication({ state }: Sandbox, { servicePrincipal = true } = {}): Application {
  const application: Application = {
    id: state.uuid(),
    appId: state.uuid(),
    displayName: 'test',
    uniqueName: null,
    description: null,
    notes: null,
    tags: [],
    signInAudience: 'AzureADMyOrg',
    identifierUris: [],
    createdDateTime: '2025-01-01T00:00:00Z',
    deletedDateTime: null,
    federatedIdentityCredentials: [],
    otherProperties: {}
  }
  state.applications.set(application.id, application)
  if (!servicePrincipal) return application
  const id = state.uuid()
  state.servicePrincipals.set(id, {
    id,
    appId: application.appId,
    displayName: 'test',
    description: null,
    notes: null,
    tags: [],
    accountEnabled: true,
    servicePrincipalType: 'Application',
    appOwnerOrganizationId: state.tenantId,
    servicePrincipalNames: [application.appId],
    alternativeNames: [],
    createdDateTime: '2025-01-01T00:00:00Z',
    deletedDateTime: null,
    otherProperties: {}
  })
  return application
}

/** Returns a federated credential that trusts the default service account of the default namespace, with these changes. */
export function trust(
  { state }: Sandbox,
  changes: Partial<FederatedIdentityCredential> = {}
): FederatedIdentityCredential {
  return {
    id: state.uuid(),
    name: 'trust',
    issuer: state.cluster.issuer,
    subject: 'system:serviceaccount:default:default',
    audiences: [state.cloud.audience],
    description: null,
    ...changes
  }
}
