import { randomBytes, randomUUID } from 'node:crypto'
import { type AccessTokens, createAccessTokens } from './access-tokens.js'
import { builtInRoleDefinitions } from './built-in-roles.js'
import type { Cloud } from './clouds/cloud.js'
import { type CloudName, createCloud } from './clouds/names.js'
import { type Cluster, createCluster } from './kubernetes/cluster.js'
import type { Application, ClientCredentials, DeletedApplication, ServicePrincipal } from './directory.js'
import { createFailedExchanges, type FailedExchanges } from './faults/failed-exchanges.js'
import { type FaultPlan, noFaults } from './faults/plan.js'
import { createReplication, type Replication } from './faults/replication.js'
import type { SandboxResponse } from './http.js'
import { installWorkloadIdentityWebhook } from './kubernetes/workload-identity-webhook.js'
import type { ManagedCluster, ManagedIdentity, ResourceGroup, RoleAssignment, RoleDefinition } from './resources.js'
import { createSigningKey, type SigningKey } from './signing-key.js'
import { wholeSeconds } from './time.js'

export type * from './access-tokens.js'
export type * from './clouds/cloud.js'
export type * from './kubernetes/cluster.js'
export type * from './directory.js'
export type * from './json.js'
export type * from './resources.js'
export type * from './signing-key.js'

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
export interface World {
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

export interface WorldOptions {
  readonly tenantId?: string
  readonly subscriptionId?: string
  /** The public one, unless another one is named. */
  readonly cloud?: CloudName
  readonly operator?: Operator
  readonly now?: () => Date
  readonly uuid?: () => string
  /** Lag, and Entra's memory of failures; what happens to requests is the listeners' affair. */
  readonly faults?: Pick<FaultPlan, 'lag' | 'negativeCacheMilliseconds'>
  /** Decides, with the faults, what looks like chance. */
  readonly seed?: number
}

let entraKey: Promise<SigningKey> | undefined

/** Entra signs for all its tenants with the same keys; so do all worlds of a process, which spares tests half of the start-up. */
function sharedEntraKey(): Promise<SigningKey> {
  return (entraKey ??= createSigningKey())
}

/**
 * A cloud in which nothing has happened yet: an operator who may log in, a resource group, the built-in roles, a cluster after its bootstrap, with
 * Azure's webhook in it.
 * Asynchronous for the sake of the cluster's key.
 */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const now = options.now ?? (() => new Date())
  const uuid = options.uuid ?? randomUUID
  const tenantId = options.tenantId ?? uuid()
  const operator = options.operator ?? {
    clientId: uuid(),
    clientSecret: randomBytes(30).toString('base64url'),
    objectId: uuid()
  }
  const cloud = createCloud(options.cloud ?? 'AzurePublicCloud')
  const { faults = noFaults, seed = 0 } = options
  const entraSigningKey = sharedEntraKey()
  const clusterKey = await createSigningKey()
  const world: World = {
    tenantId,
    tenantDisplayName: 'azwi sandbox',
    subscriptionId: options.subscriptionId ?? uuid(),
    operator,
    cloud,
    playsHosts: options.cloud !== undefined,
    endpoints: { entra: '', graph: '', arm: '', kubernetes: '', issuer: '' },
    now,
    uuid,
    applications: new Map(),
    deletedApplications: new Map(),
    deletedServicePrincipals: new Map(),
    servicePrincipals: new Map([[operator.objectId, operatorServicePrincipal(operator, now(), uuid())]]),
    clientCredentials: {
      secrets: new Map([[operator.clientId.toLowerCase(), [operator.clientSecret]]]),
      certificates: new Map()
    },
    resourceGroups: new Map([['azwi-sandbox', { name: 'azwi-sandbox', location: 'westeurope', tags: {} }]]),
    managedIdentities: new Map(),
    managedClusters: new Map(),
    roleAssignments: new Map(),
    roleDefinitions: new Map(builtInRoleDefinitions().map(role => [role.name, role])),
    cluster: createCluster({
      id: uuid(),
      adminToken: randomBytes(30).toString('base64url'),
      signingKey: clusterKey,
      now,
      uuid
    }),
    accessTokens: createAccessTokens({
      key: entraSigningKey,
      issuer: `${cloud.tokenIssuer}${tenantId}/`,
      tenantId,
      now,
      uuid
    }),
    entraSigningKey,
    denied: new Set(),
    published: new Map(),
    replication: createReplication(faults, seed, now),
    failedExchanges: createFailedExchanges(faults.negativeCacheMilliseconds, now)
  }
  installWorkloadIdentityWebhook(world)
  return world
}

/** The operator's application lives in another tenant: only its service principal is here, so the directory's applications are the user's own. */
function operatorServicePrincipal(
  { clientId, objectId }: Operator,
  createdAt: Date,
  homeTenantId: string
): ServicePrincipal {
  return {
    id: objectId,
    appId: clientId,
    displayName: 'azwi sandbox operator',
    description: null,
    notes: null,
    tags: [],
    accountEnabled: true,
    servicePrincipalType: 'Application',
    appOwnerOrganizationId: homeTenantId,
    servicePrincipalNames: [clientId],
    alternativeNames: [],
    createdDateTime: wholeSeconds(createdAt),
    deletedDateTime: null,
    otherProperties: {}
  }
}
