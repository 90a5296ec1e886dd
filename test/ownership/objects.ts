import { createHash, randomUUID } from 'node:crypto'
import type { Sandbox } from '../../sandbox/src/sandbox.js'
import type { Application, FederatedIdentityCredential } from '../../sandbox/src/graph/directory.js'
import type { KubernetesObject } from '../../sandbox/src/kubernetes/cluster.js'
import type { ManagedIdentity, RoleAssignment } from '../../sandbox/src/arm/resources.js'
import type { State } from '../../sandbox/src/state.js'
import {
  applicationUniqueName,
  defaultApplicationName,
  federatedIdentityCredentialName,
  roleAssignmentName
} from '../../src/domain/names.js'
import { addIdentityCredential, addManagedIdentity, identityId } from '../helpers/managed-identity.js'
import {
  addApplication,
  addCredential,
  addServiceAccount,
  addServicePrincipal,
  groupScope,
  issuerOf,
  readerRole
} from '../helpers/state.js'

/** Who created an object. Each leaves other traces. */
export type Maker = 'azwi' | 'azwi 0.1.0' | 'the Go azwi' | 'a person'
export type Kind = 'application' | 'managed identity'
export const kinds = ['application', 'managed identity'] as const

/** An identity of either kind in the state. */
export interface StateIdentity {
  readonly kind: Kind
  readonly name: string
  readonly clientId: string
  readonly principalId: string
  /** The object ID or the resource ID. */
  readonly id: string
  readonly application: Application | undefined
  readonly managedIdentity: ManagedIdentity | undefined
}

interface AccountName {
  readonly account?: string
  readonly namespace?: string
}

/** Adds an identity. The name is `app` without one; that of an application can be the derived name of default/app. */
export function addIdentity(state: State, kind: Kind, by: Maker, name = 'app-id'): StateIdentity {
  if (kind === 'managed identity') {
    const tags: Record<string, string> = by === 'a person' ? { team: 'blue' } : { 'managed-by': 'azwi' }
    const managedIdentity = addManagedIdentity(state, name, { tags })
    const { clientId, principalId, id } = managedIdentity
    return { kind, name, clientId, principalId, id, application: undefined, managedIdentity }
  }
  const application = addApplication(state, name, {
    tags: by === 'azwi' || by === 'azwi 0.1.0' ? ['azwi'] : [],
    uniqueName: by === 'azwi' || by === 'azwi 0.1.0' ? applicationUniqueName(name) : null
  })
  const { id: principalId } = addServicePrincipal(
    state,
    application,
    by === 'the Go azwi' ? ['azwi version: v1.6.0, commit: 04d01a2f'] : []
  )
  const { appId: clientId, id } = application
  return { kind, name, clientId, principalId, id, application, managedIdentity: undefined }
}

/** Returns the flags that name the identity. */
export const flagsOf = (state: State, kind: Kind, name = 'app-id'): readonly string[] =>
  kind === 'application'
    ? ['--aad-application-name', name]
    : ['--managed-identity-resource-id', identityId(state, name)]

/** Returns the name that azwi derives for the application of a service account. */
export const derivedName = (state: State, account = 'app', namespace = 'default'): string =>
  defaultApplicationName(namespace, account, issuerOf(state))

/** Adds the credential with which the identity trusts a service account. */
export function addTrust(
  state: State,
  { application, managedIdentity }: StateIdentity,
  by: Maker,
  { account = 'app', namespace = 'default', ...more }: AccountName & Partial<FederatedIdentityCredential> = {}
): FederatedIdentityCredential {
  const issuer = more.issuer ?? issuerOf(state)
  const goName = `${createHash('sha256').update(`${namespace}-${account}-${issuer}`).digest('base64url')}=`
  const credential: Partial<FederatedIdentityCredential> = {
    name:
      by === 'a person'
        ? `trust-${account}`
        : by === 'the Go azwi'
          ? goName
          : federatedIdentityCredentialName(namespace, account, issuer),
    issuer,
    subject: `system:serviceaccount:${namespace}:${account}`,
    description:
      by === 'a person' || application === undefined
        ? null
        : by === 'the Go azwi'
          ? `Federated Service Account for ${namespace}/${account}`
          : 'made by azwi for a Kubernetes service account',
    ...more
  }
  return managedIdentity === undefined
    ? addCredential(application!, credential)
    : addIdentityCredential(managedIdentity, credential)
}

/** Adds a role assignment. The Go azwi and people use random GUIDs. */
export function addRole(
  state: State,
  { principalId }: Pick<StateIdentity, 'principalId'>,
  by: Maker,
  { scope = groupScope(state), role = readerRole }: { readonly scope?: string; readonly role?: string } = {}
): RoleAssignment {
  const roleDefinitionId = `/subscriptions/${state.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`
  const name =
    by === 'azwi' || by === 'azwi 0.1.0' ? roleAssignmentName(scope, principalId, roleDefinitionId) : randomUUID()
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
  const assignment: RoleAssignment = {
    id,
    name,
    scope,
    principalId,
    principalType: 'ServicePrincipal',
    description: null,
    condition: null,
    conditionVersion: null,
    roleDefinitionId,
    createdOn: '2024-01-02T03:04:05Z',
    updatedOn: '2024-01-02T03:04:05Z',
    createdBy: null,
    updatedBy: null
  }
  state.roleAssignments.set(id.toLowerCase(), assignment)
  return assignment
}

/** Adds a service account that is annotated with the client ID, with the records of the API server about who wrote it. */
export function addAccount(
  state: State,
  identity: StateIdentity | undefined,
  by: Maker,
  {
    account = 'app',
    namespace = 'default',
    annotations: more = {}
  }: AccountName & { annotations?: Record<string, string> } = {}
): KubernetesObject {
  const annotations: Record<string, string> = {
    ...(identity && {
      'azure.workload.identity/client-id': identity.clientId,
      'azure.workload.identity/tenant-id': state.tenantId
    }),
    ...(by.startsWith('azwi') && { 'azure.workload.identity/service-account-token-expiration': '3600' }),
    ...(by === 'azwi' &&
      identity?.kind === 'managed identity' && {
        'azwi/managed-identity': identityId(state, identity.name)
      }),
    ...more
  }
  const labels: Record<string, string> = by.startsWith('azwi') ? { 'app.kubernetes.io/managed-by': 'azwi' } : {}
  const fields = (values: object) => Object.fromEntries(Object.keys(values).map(key => [`f:${key}`, {}]))
  const added = addServiceAccount(state, account, {
    namespace,
    annotations,
    labels,
    managedFields: [
      {
        manager: by === 'a person' ? 'kubectl-create' : 'azwi',
        operation: by.startsWith('azwi') ? 'Apply' : 'Update',
        apiVersion: 'v1',
        time: '2024-01-02T03:04:05Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': {
            'f:annotations': fields(annotations),
            ...(by.startsWith('azwi') ? { 'f:labels': fields(labels) } : {})
          }
        }
      }
    ]
  })
  state.cluster.serviceAccounts.delete(`default/${account}`)
  state.cluster.serviceAccounts.set(`${namespace}/${account}`, added)
  return added
}

/** Adds a whole connection that one tool, or a person, created: identity, credential, role and service account. */
export function addConnection(state: State, kind: Kind, by: Maker = 'azwi', name?: string): StateIdentity {
  const identity = addIdentity(state, kind, by, name)
  addTrust(state, identity, by)
  addRole(state, identity, by)
  addAccount(state, identity, by)
  return identity
}

/** Writes to the service account default/app as another field manager does. */
export async function writeAccount(
  sandbox: Sandbox,
  manager: string,
  content: object,
  { apply = false, account = 'app' }: { readonly apply?: boolean; readonly account?: string } = {}
): Promise<void> {
  const { askCluster } = await import('../../sandbox/test/client.js')
  const query = new URLSearchParams({ fieldManager: manager, ...(apply ? { force: 'true' } : {}) })
  const { status, text } = await askCluster(
    sandbox,
    `/api/v1/namespaces/default/serviceaccounts/${account}?${query.toString()}`,
    {
      method: 'PATCH',
      headers: { 'content-type': apply ? 'application/apply-patch+yaml' : 'application/merge-patch+json' },
      body: apply ? { apiVersion: 'v1', kind: 'ServiceAccount', ...content } : content
    }
  )
  if (status >= 300) throw new Error(`the cluster answered ${status}: ${text}`)
}
