import type { DeniedAction } from './arm/denied-action.js'
import type {
  AzureResource,
  ManagedCluster,
  ManagedIdentity,
  ManagementGroup,
  ResourceGroup,
  RoleAssignment,
  RoleDefinition,
  Subscription
} from './arm/resources.js'
import type { Cloud } from './clouds/cloud.js'
import type { AccessTokens } from './entra/access-tokens.js'
import type { FailedExchanges, Replication } from './faults/replication.js'
import type {
  Application,
  ClientCredentials,
  DeletedApplication,
  DirectoryOwner,
  ServicePrincipal
} from './graph/directory.js'
import type { Cluster } from './kubernetes/cluster.js'
import type { SandboxResponse } from './server/http.js'
import type { SigningKey } from './signing-key.js'

/** The service principal that the user of the sandbox logs in as. It has all permissions. */
export interface Operator {
  readonly clientId: string
  readonly clientSecret: string
  readonly objectId: string
}

/** The base URLs of the services, without a trailing slash. Empty until the services listen. */
export interface Endpoints {
  entra: string
  graph: string
  arm: string
  kubernetes: string
  issuer: string
}

/**
 * A permission that the caller lacks. The service answers the requests that need it with its own 403.
 *
 * - `graph`, `arm`: all writes. `graph reads`, `arm reads`: all reads.
 * - `graph unowned`: writes to the applications and service principals that the caller does not own, as with the
 *   permission Application.ReadWrite.OwnedBy in place of Application.ReadWrite.All.
 * - `graph owners`: reads of the owners of applications and service principals.
 * - `graph users`: reads of users. A list then has only their IDs (Graph reference, application-list-owners).
 * - An action of Azure RBAC, with or without a scope.
 */
export type Denial =
  'graph' | 'graph reads' | 'graph unowned' | 'graph owners' | 'graph users' | 'arm' | 'arm reads' | DeniedAction

/** Everything that exists in the sandbox. The services read it and change it in place. Tests can do the same. */
export interface State {
  readonly tenantId: string
  /** The name of the directory. Some Entra errors show it. */
  readonly tenantDisplayName: string
  /** The subscription that the environment of the operator names. It is one of `subscriptions`. */
  readonly subscriptionId: string
  readonly operator: Operator
  readonly cloud: Cloud
  /** Whether the sandbox answers to the cloud's own host names, not only to localhost. */
  readonly servesCloudHosts: boolean
  readonly endpoints: Endpoints
  /** The clock of all services. */
  readonly now: () => Date
  /** Creates the next ID. */
  readonly uuid: () => string

  /** Keyed by object ID. So are the other three maps of directory objects. */
  readonly applications: Map<string, Application>
  readonly deletedApplications: Map<string, DeletedApplication>
  readonly servicePrincipals: Map<string, ServicePrincipal>
  readonly deletedServicePrincipals: Map<string, ServicePrincipal>
  readonly clientCredentials: ClientCredentials
  /** The owners of applications and service principals. Keyed by the object ID of what they own. */
  readonly owners: Map<string, DirectoryOwner[]>

  /** Keyed by GUID in lower case. */
  readonly subscriptions: Map<string, Subscription>
  /** Keyed by name in lower case. */
  readonly managementGroups: Map<string, ManagementGroup>
  /** Keyed by name in lower case. The key of a group in another subscription begins with the subscription's ID and `/`. */
  readonly resourceGroups: Map<string, ResourceGroup>
  /** Keyed by resource ID in lower case. So are the other resources, the clusters and the role assignments. */
  readonly managedIdentities: Map<string, ManagedIdentity>
  /** Those that were deleted. Resource Graph shows them until the lag of `resourceGraph` is over. */
  readonly deletedManagedIdentities: Map<string, ManagedIdentity>
  /** Resources that use managed identities. */
  readonly resources: Map<string, AzureResource>
  readonly managedClusters: Map<string, ManagedCluster>
  readonly roleAssignments: Map<string, RoleAssignment>
  /** Keyed by GUID in lower case. */
  readonly roleDefinitions: Map<string, RoleDefinition>

  /** The operations that a client can ask for, with the number of times that they still answer that they go on. */
  readonly operations: Map<string, number>
  /** The certificate authority of the services, in PEM. Empty until it is created. */
  caPem: string

  readonly cluster: Cluster
  readonly accessTokens: AccessTokens
  /**
   * The key that Entra signs access tokens with. A promise: the first login needs the key, the start of the sandbox
   * does not wait for it.
   */
  readonly entraSigningKey: Promise<SigningKey>
  /** The permissions that the caller lacks. Tests use this to check a client without permissions. */
  readonly denied: Set<Denial>
  /**
   * Responses of the public issuer that replace what the cluster publishes. The key is the path below the issuer's
   * address, for example `openid/v1/jwks`. Uploaded blobs are stored here. A test can add any response: another issuer,
   * no key, a 500.
   */
  readonly published: Map<string, SandboxResponse>
  /** Knows which new objects are not visible yet, because of the `lag` fault. */
  readonly replication: Replication
  /** The failed token exchanges that Entra remembers, because of the `negativeCache` fault. */
  readonly failedExchanges: FailedExchanges
}
