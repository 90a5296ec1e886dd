import { randomBytes, randomUUID } from 'node:crypto'
import { builtInRoleDefinitions } from './arm/built-in-roles.js'
import { type CloudName, createCloud } from './clouds/names.js'
import { wholeSeconds } from './dates.js'
import { createAccessTokens } from './entra/access-tokens.js'
import { type FaultPlan, noFaults } from './faults/plan.js'
import { createFailedExchanges, createReplication } from './faults/replication.js'
import type { ServicePrincipal } from './graph/directory.js'
import { createCluster } from './kubernetes/cluster.js'
import { installWorkloadIdentityWebhook } from './kubernetes/workload-identity-webhook.js'
import { createSigningKey, type SigningKey } from './signing-key.js'
import type { Operator, State } from './state.js'

/** Options of a new state. Every omitted value gets a default: a new ID, the real clock, no faults. */
export interface StateOptions {
  readonly tenantId?: string
  readonly subscriptionId?: string
  /** The default is the public cloud. */
  readonly cloud?: CloudName
  readonly operator?: Operator
  readonly now?: () => Date
  readonly uuid?: () => string
  /** The faults that concern the state. The listeners inject the other ones, which concern requests. */
  readonly faults?: Pick<FaultPlan, 'lag' | 'negativeCacheMilliseconds'>
  /** The seed for the jitter of the lag. The same seed gives the same delays. */
  readonly seed?: number
}

interface SharedKeys {
  readonly entra: Promise<SigningKey>
  readonly cluster: Promise<SigningKey>
}

let keys: SharedKeys | undefined

/**
 * Returns the signing keys of Entra and of the cluster. They are created once per process, because creating an RSA key
 * takes longer than everything else in a new state. A test that needs another key adds it to the cluster.
 */
function sharedKeys(): SharedKeys {
  return (keys ??= { entra: createSigningKey(), cluster: createSigningKey() })
}

/**
 * Creates the state of a new sandbox: the operator, a resource group, the built-in roles, and a new cluster with the
 * azure-workload-identity webhook. Asynchronous, because it generates the cluster's signing key.
 */
export async function createState(options: StateOptions = {}): Promise<State> {
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
  const { entra: entraSigningKey, cluster } = sharedKeys()
  const clusterKey = await cluster
  const subscriptionId = options.subscriptionId ?? uuid()
  const state: State = {
    tenantId,
    tenantDisplayName: 'azwi sandbox',
    subscriptionId,
    operator,
    cloud,
    servesCloudHosts: options.cloud !== undefined,
    endpoints: { entra: '', graph: '', arm: '', kubernetes: '', issuer: '' },
    now,
    uuid,
    applications: new Map(),
    deletedApplications: new Map(),
    deletedServicePrincipals: new Map(),
    servicePrincipals: new Map([[operator.objectId, operatorServicePrincipal(operator, now(), uuid())]]),
    owners: new Map(),
    clientCredentials: {
      secrets: new Map([[operator.clientId.toLowerCase(), [operator.clientSecret]]]),
      certificates: new Map()
    },
    subscriptions: new Map([
      [
        subscriptionId.toLowerCase(),
        { id: subscriptionId, displayName: 'azwi sandbox', state: 'Enabled', managementGroup: tenantId }
      ]
    ]),
    managementGroups: new Map([
      [tenantId.toLowerCase(), { name: tenantId, displayName: 'Tenant Root Group', parent: undefined }]
    ]),
    resourceGroups: new Map([['azwi-sandbox', { name: 'azwi-sandbox', location: 'westeurope', tags: {} }]]),
    managedIdentities: new Map(),
    deletedManagedIdentities: new Map(),
    resources: new Map(),
    managedClusters: new Map(),
    roleAssignments: new Map(),
    roleDefinitions: new Map(builtInRoleDefinitions().map(role => [role.name, role])),
    operations: new Map(),
    caPem: '',
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
  installWorkloadIdentityWebhook(state)
  return state
}

/**
 * Returns the operator's service principal. Its application is in another tenant, so that the directory lists only the
 * user's applications.
 */
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
