import type {
  V1CronJob,
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1MutatingWebhookConfiguration,
  V1Pod,
  V1StatefulSet
} from '@kubernetes/client-node'
import type { ServiceAccount } from '../../clients/kubernetes/client.js'
import type { Connection, Found } from '../../connections/model.js'

/** What was looked at, or why it could not be: a right that is missing, a login, a server that does not answer. */
export type Lookup<T> = { readonly value: T } | { readonly unread: string }

/** A public key of an issuer, as far as it matters here. */
export interface SigningKeySummary {
  readonly kid: string
  /** `RSA`, `EC`, … */
  readonly kty: string
  readonly alg: string | undefined
}

/** One of the two documents that an issuer publishes, as anybody on the internet gets it. */
export type PublishedDocument<T> = { readonly url: string } & ({ readonly value: T } | { readonly problem: string })

/** What Entra will see when it follows the issuer. */
export interface PublishedIssuer {
  readonly discovery: PublishedDocument<{
    readonly issuer: unknown
    readonly jwksUri: unknown
    readonly algorithms: readonly string[]
  }>
  /** Undefined where the discovery document does not lead to one. */
  readonly keys: PublishedDocument<readonly SigningKeySummary[]> | undefined
}

export interface AksEvidence {
  readonly name: string
  readonly resourceGroup: string
  /** Undefined while the OIDC issuer is off. */
  readonly issuer: string | undefined
  readonly workloadIdentity: boolean
}

export interface WebhookEvidence {
  readonly configuration: V1MutatingWebhookConfiguration
  /** How many addresses behind its service are ready; undefined where that may not be read, or it is called by URL. */
  readonly readyEndpoints: number | undefined
}

/** What holds for the whole cluster. */
export interface ClusterEvidence {
  readonly server: string
  /** What the API server says that it is. */
  readonly issuer: Lookup<string>
  /** Its own key set: the keys with which it signs, or would still take tokens. */
  readonly keys: Lookup<readonly SigningKeySummary[]>
  /** Undefined where the issuer is not known. */
  readonly published: PublishedIssuer | undefined
  /** Null where the cluster is none of AKS's that can be seen. */
  readonly aks: Lookup<AksEvidence | null>
  /** Those of azure-workload-identity; null where there is none. */
  readonly webhook: Lookup<WebhookEvidence | null>
  /** Labels, by namespace. */
  readonly namespaces: Lookup<ReadonlyMap<string, Readonly<Record<string, string>>>>
  /** The tenant that is worked in, where one is known. */
  readonly tenantId?: string | undefined
  /** Entra in the cloud that is worked in, such as https://login.microsoftonline.com. */
  readonly authorityHost?: string | undefined
}

export type WorkloadKind = 'deployment' | 'statefulset' | 'daemonset' | 'job' | 'cronjob'
export type WorkloadObject = V1Deployment | V1StatefulSet | V1DaemonSet | V1Job | V1CronJob

/** A workload with the template that its pods are made from. */
export interface Workload {
  readonly kind: WorkloadKind
  readonly namespace: string
  readonly name: string
  readonly object: WorkloadObject
}

export interface PodEvidence {
  readonly pod: V1Pod
  /** What made it, such as its deployment; undefined for a pod that stands alone. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined
}

/** The principal of an identity, where it could be looked at. */
export interface PrincipalEvidence {
  readonly objectId: string
  readonly enabled: boolean
}

/** A soft-deleted application with the client id that was looked for. */
export interface DeletedApplication {
  readonly objectId: string
  readonly displayName: string
  readonly deletedDateTime: string
}

/** A token of the service account, decoded; it is never kept whole, and never shown. */
export interface TokenClaims {
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
  readonly keyId: string | undefined
  readonly algorithm: string
  /** Seconds since 1970. */
  readonly issuedAt: number | undefined
  readonly notBefore: number | undefined
  readonly expiresAt: number | undefined
}

/** What Entra made of the token. */
export type ExchangeEvidence =
  | {
      readonly accepted: true
      readonly tenantId: string
      readonly resource: string
      /** Seconds since 1970. */ readonly expiresAt: number
    }
  /** `code` is `AADSTS` and digits, or empty where Entra gave none; `text` its first line, without ids. */
  | { readonly accepted: false; readonly code: string; readonly text: string }

/** One service account and all that hangs on it. */
export interface ServiceAccountEvidence {
  readonly namespace: string
  readonly name: string
  /** Null where the cluster has none of this name. */
  readonly account: Found<ServiceAccount>
  /** Undefined where there is no service account to follow. */
  readonly connection: Connection | undefined
  /** The tenant that was looked into, where one is known. */
  readonly tenantId: string | undefined
  /** What a token must be for. */
  readonly audience: string
  readonly principal: Found<PrincipalEvidence>
  /** Where no identity has the client id: one that was deleted with it; null where there is none of those either. */
  readonly deleted: Found<DeletedApplication>
  /** The object id of a soft-deleted service principal with the client id, where one was found: restoring an application does not restore it (Graph reference, directory-deleteditems-restore). */
  readonly deletedPrincipal?: string | undefined
  /** Where Microsoft Graph is in this cloud, for lines that call it: without a slash at the end. Left out, the public cloud's. */
  readonly graph?: string | undefined
  /** Where the client id leads nowhere: the client id of the identity that does trust this service account, where one was found. */
  readonly candidate: { readonly clientId: string; readonly name: string } | undefined
  /** Subjects of service accounts that the cluster has; undefined where they may not be listed. */
  readonly subjects: ReadonlySet<string> | undefined
  /**
   * Where it was reached from a pod or workload and names no client id: the namespace's service accounts that do. One of them is likely meant.
   * Undefined where they may not be listed.
   */
  readonly annotatedAccounts?: readonly string[] | undefined
  readonly workloads: Lookup<readonly Workload[]>
  readonly pods: Lookup<readonly PodEvidence[]>
  readonly token: Lookup<TokenClaims>
  readonly exchange: Lookup<ExchangeEvidence>
  /** Why things could not be read, by what they are: of `connection`. */
  readonly unread: ReadonlyMap<string, string>
}

/** What a check of a service account may look at. */
export interface Case {
  readonly cluster: ClusterEvidence
  readonly account: ServiceAccountEvidence
}
