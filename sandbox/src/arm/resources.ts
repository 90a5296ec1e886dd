import type { FederatedIdentityCredential } from '../graph/directory.js'
import type { Json } from '../json.js'

export interface ResourceGroup {
  name: string
  location: string
  tags: Record<string, string>
}

/** A user-assigned managed identity. `id` is written as ARM writes it back. */
export interface ManagedIdentity {
  id: string
  name: string
  resourceGroup: string
  location: string
  tags: Record<string, string>
  clientId: string
  /** The object id of its service principal in the directory. */
  principalId: string
  tenantId: string
  federatedIdentityCredentials: FederatedIdentityCredential[]
}

export interface RoleDefinition {
  /** The GUID. */
  name: string
  roleName: string
  description: string
  type: 'BuiltInRole' | 'CustomRole'
  permissions: RolePermissions[]
  /** `['/']` for a built-in role. */
  assignableScopes: string[]
  createdOn: string
  updatedOn: string
  createdBy: string | null
  updatedBy: string | null
}

export interface RolePermissions {
  actions: string[]
  notActions: string[]
  dataActions: string[]
  notDataActions: string[]
}

export interface RoleAssignment {
  id: string
  /** The GUID. */
  name: string
  scope: string
  roleDefinitionId: string
  principalId: string
  principalType: string
  description: string | null
  condition: string | null
  conditionVersion: string | null
  createdOn: string
  updatedOn: string
  createdBy: string | null
  updatedBy: string | null
}

/** What of an AKS cluster a tool for workload identities asks after. */
export interface ManagedCluster {
  id: string
  name: string
  resourceGroup: string
  location: string
  tags: Record<string, string>
  kubernetesVersion: string
  oidcIssuerEnabled: boolean
  /** Ends in `/`; absent while the OIDC issuer is off. */
  issuerUrl: string | undefined
  workloadIdentityEnabled: boolean
  otherProperties: Record<string, Json>
}
