import type { AuthorizationClient } from '../clients/arm/authorization.js'
import type { Exchange } from '../clients/entra/exchange.js'
import type { RetryBudget } from '../net/retry-budget.js'
import type { GraphClient } from '../clients/graph/client.js'
import type { ManagedIdentityClient } from '../clients/arm/managed-identities.js'
import type { ResourceManagerClient } from '../clients/arm/resource-manager.js'
import type { KubernetesClient } from '../clients/kubernetes/client.js'
import type { Cloud } from '../config/clouds.js'
import type { Settings } from '../config/settings.js'
import type { Trust } from '../domain/credential.js'
import type { Log } from '../terminal/log.js'

/** The services that phases talk to. */
export type Service = 'graph' | 'arm' | 'kubernetes'

/** Everything that a phase may ask for. Clients and look-ups are made when first asked for, once. */
export interface Context {
  readonly settings: Settings
  /** Whether the settings name all that there is to be, as a file does: what an earlier run was asked for and they are not goes. */
  readonly isDeclarative?: boolean
  /** Of a credential that this very run takes away before: it is no use of an identity, though a dry run still sees it. */
  readonly isLeaving?: (credential: Trust) => boolean
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly cloud: () => Promise<Cloud>
  readonly graph: () => Promise<GraphClient>
  readonly authorization: () => Promise<AuthorizationClient>
  readonly managedIdentities: () => Promise<ManagedIdentityClient>
  readonly resourceManager: () => Promise<ResourceManagerClient>
  readonly kubernetes: () => Promise<KubernetesClient>
  /** The issuer that tokens of the cluster carry: what the user said, else what the cluster publishes. */
  readonly issuer: () => Promise<string>
  /** Waits a few seconds for an answer that is only for advice; undefined where it does not come, or fails. */
  readonly bestEffort: <T>(work: () => Promise<T>) => Promise<T | undefined>
  /** What the cluster publishes, or undefined where no cluster can be asked: only ever for advice. */
  readonly clusterIssuer: () => Promise<string | undefined>
  /** Tries what a pod does with the service account's token; in the tenant of the login and for Azure Resource Manager, unless told otherwise. */
  readonly exchange: (
    assertion: string,
    clientId: string,
    at?: { readonly tenantId?: string | undefined; readonly resource?: string | undefined }
  ) => Promise<Exchange>
  readonly retryBudget: RetryBudget
  readonly subscriptionId: () => Promise<string>
  /** The tenant, where it can be known without asking Azure for its sake. */
  readonly knownTenantId: () => Promise<string | undefined>
}
