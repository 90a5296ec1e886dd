import type { AuthorizationClient } from './clients/arm/authorization.js'
import type { Exchange } from './clients/entra/exchange.js'
import type { RetryBudget } from './net/retry-budget.js'
import type { GraphClient } from './clients/graph/client.js'
import type { ManagedIdentityClient } from './clients/arm/managed-identities.js'
import type { ResourceManagerClient } from './clients/arm/resource-manager.js'
import type { KubernetesClient } from './clients/kubernetes/client.js'
import type { Cloud } from './config/clouds.js'
import type { Settings } from './config/settings.js'
import type { Trust } from './domain/credential.js'
import type { Log } from './terminal/log.js'

/** What a prune compares an identity of the files by. */
export interface KeepableIdentity {
  readonly kind: 'application' | 'managed-identity'
  readonly name: () => Promise<string>
  readonly clientId: () => Promise<string>
  readonly credentials: { readonly owner: () => Promise<Readonly<Record<string, string>>> }
}

/** The parts of a connection that delete handles. */
export type ConnectionPart = 'application' | 'managed-identity' | 'credential' | 'role-assignment' | 'service-account'

/** The services that azwi calls. */
export type Service = 'graph' | 'arm' | 'kubernetes'

/** The clients, settings and look-ups of phases, connections and the doctor. Creates each of them once, on first use. */
export interface Context {
  readonly settings: Settings
  /** Whether the settings are complete, as those of a workloads file are. Labels of earlier runs that they do not name are then removed. */
  readonly isDeclarative?: boolean
  /** In apply: the namespaces of the workloads of the files that share the identity. */
  readonly sharingNamespaces?: ReadonlySet<string>
  /** The object ID of the login in the directory. Undefined if the token does not say it. */
  readonly loginObjectId: () => Promise<string | undefined>
  /** Reports whether this run deletes the credential. It then does not count as a use of its identity. A dry run still sees it. */
  readonly isLeaving?: (credential: Trust) => boolean
  /** In a prune: why the files keep the identity, if they do. */
  readonly keepsIdentity?: (identity: KeepableIdentity) => Promise<string | undefined>
  /** In a delete: the parts of the connection whose phases run. */
  readonly deletedParts?: ReadonlySet<ConnectionPart>
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly cloud: () => Promise<Cloud>
  readonly graph: () => Promise<GraphClient>
  readonly authorization: () => Promise<AuthorizationClient>
  readonly managedIdentities: () => Promise<ManagedIdentityClient>
  readonly resourceManager: () => Promise<ResourceManagerClient>
  readonly kubernetes: () => Promise<KubernetesClient>
  /** The issuer of the cluster's tokens: from the flags, or as the cluster publishes it. */
  readonly issuer: () => Promise<string>
  /** Waits a few seconds for an optional answer. Resolves to undefined if it fails or takes longer. */
  readonly bestEffort: <T>(work: () => Promise<T>) => Promise<T | undefined>
  /** The issuer that the cluster publishes, whatever the flags say. */
  readonly publishedIssuer: () => Promise<string>
  /** Exchanges a service account token as a pod does. By default in the tenant of the login, for Azure Resource Manager. */
  readonly exchange: (
    assertion: string,
    clientId: string,
    at?: { readonly tenantId?: string | undefined; readonly resource?: string | undefined }
  ) => Promise<Exchange>
  readonly retryBudget: RetryBudget
  readonly subscriptionId: () => Promise<string>
  /** The tenant, or undefined if azwi would need an extra request to find it. */
  readonly knownTenantId: () => Promise<string | undefined>
}
