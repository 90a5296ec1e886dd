import type { FederatedIdentityCredential } from '../graph/directory.js'
import type { Json } from '../json.js'

/** A subscription of the tenant. */
export interface Subscription {
  /** The GUID. */
  readonly id: string
  displayName: string
  /**
   * `Warned` and `Disabled`: it can be read, and its objects can be deleted (Resource Provider Contract, subscription
   * lifecycle). `Deleted`: the list of subscriptions shows it, and every other request gets a 404.
   */
  state: 'Enabled' | 'Warned' | 'PastDue' | 'Disabled' | 'Deleted'
  /** The name of the management group that contains it. */
  managementGroup: string
}

/** A management group. The root group has the tenant ID as its name and no parent. */
export interface ManagementGroup {
  /** The last segment of its resource ID. */
  readonly name: string
  displayName: string
  /** The name of the group that contains it. */
  parent: string | undefined
}

/** A resource of any type, such as a virtual machine. The sandbox only lists it among the users of its identities. */
export interface AzureResource {
  readonly id: string
  location: string
  /** The resource IDs of the user-assigned identities that it can act as. */
  userAssignedIdentities: string[]
}

/** A resource group. */
export interface ResourceGroup {
  /** Undefined: the subscription of the operator. */
  subscriptionId?: string
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
  /** The resource ID of the user-assigned identity of its control plane. Undefined: a system-assigned one. */
  controlPlaneIdentity?: string
  /** The resource ID of the user-assigned identity of its nodes. */
  kubeletIdentity?: string
  otherProperties: Record<string, Json>
}
