import type { Application, ClientCredentials, DeletedApplication, ServicePrincipal } from './graph/directory.js'
import type { AccessTokens } from './entra/access-tokens.js'
import type { Cloud } from './clouds/cloud.js'
import type { Cluster } from './kubernetes/cluster.js'
import type { FailedExchanges, Replication } from './faults/replication.js'
import type { SandboxResponse } from './server/http.js'
import type { ManagedCluster, ManagedIdentity, ResourceGroup, RoleAssignment, RoleDefinition } from './arm/resources.js'
import type { SigningKey } from './signing-key.js'

/** The service principal that the user of the sandbox logs in as. */
export interface Operator {
  readonly clientId: string
  readonly clientSecret: string
  readonly objectId: string
}

/** Base URLs without a trailing slash. Empty until the listeners are up. */
export interface Endpoints {
  entra: string
  graph: string
  arm: string
  kubernetes: string
  issuer: string
}

/** The whole state of the sandbox. Services read and change it in place; tests look into it. */
export interface State {
  readonly tenantId: string
  /** Entra names the directory by this in some errors. */
  readonly tenantDisplayName: string
  readonly subscriptionId: string
  readonly operator: Operator
  readonly cloud: Cloud
  /** True where the sandbox answers to the cloud's own host names. */
  readonly playsHosts: boolean
  readonly endpoints: Endpoints
  readonly now: () => Date
  readonly uuid: () => string

  /** By object id. */
  readonly applications: Map<string, Application>
  readonly deletedApplications: Map<string, DeletedApplication>
  readonly servicePrincipals: Map<string, ServicePrincipal>
  readonly deletedServicePrincipals: Map<string, ServicePrincipal>
  readonly clientCredentials: ClientCredentials

  /** By name in lower case. */
  readonly resourceGroups: Map<string, ResourceGroup>
  /** By resource id in lower case. */
  readonly managedIdentities: Map<string, ManagedIdentity>
  readonly managedClusters: Map<string, ManagedCluster>
  readonly roleAssignments: Map<string, RoleAssignment>
  /** By GUID in lower case. */
  readonly roleDefinitions: Map<string, RoleDefinition>

  readonly cluster: Cluster
  readonly accessTokens: AccessTokens
  /** Entra's own key. A promise, because making it may take longer than starting, and nobody needs it before the first login. */
  readonly entraSigningKey: Promise<SigningKey>
  /** What a service refuses the caller with its own 403, for showing what a tool does without the rights: its writes, or its reads. */
  readonly denied: Set<'graph' | 'arm' | 'graph reads' | 'arm reads'>
  /**
   * What the public issuer answers in the place of what the cluster publishes, by the path below its address: `openid/v1/jwks`. Blobs that are
   * uploaded there come to lie here; a test puts in whatever else an issuer may show: another issuer, no key, a 500.
   */
  readonly published: Map<string, SandboxResponse>
  /** Which writes have not got around yet. */
  readonly replication: Replication
  readonly failedExchanges: FailedExchanges
}
