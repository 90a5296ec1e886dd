import type { FederatedIdentityCredential } from '../graph/directory.js'
import type { Json } from '../json.js'

/** A resource group of the subscription. */
export interface ResourceGroup {
  name: string
  location: string
  tags: Record<string, string>
}

/** A user-assigned managed identity. */
export interface ManagedIdentity {
  /** The resource ID in ARM's spelling: `resourcegroups` in lower case. */
  id: string
  name: string
  resourceGroup: string
  location: string
  tags: Record<string, string>
  clientId: string
  /** The object ID of its service principal. */
  principalId: string
  tenantId: string
  federatedIdentityCredentials: FederatedIdentityCredential[]
}

/** A built-in or custom role. */
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

/** The permissions of a role. The sandbox stores them and never checks them. */
export interface RolePermissions {
  actions: string[]
  notActions: string[]
  dataActions: string[]
  notDataActions: string[]
}

/** A role assignment. */
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

/** An AKS cluster, with the properties that concern workload identity. */
export interface ManagedCluster {
  id: string
  name: string
  resourceGroup: string
  location: string
  tags: Record<string, string>
  kubernetesVersion: string
  oidcIssuerEnabled: boolean
  /** Ends in `/`. Undefined if the OIDC issuer is disabled. */
  issuerUrl: string | undefined
  workloadIdentityEnabled: boolean
  otherProperties: Record<string, Json>
}
