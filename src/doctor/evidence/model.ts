import type { V1MutatingWebhookConfiguration, V1Pod } from '@kubernetes/client-node'
import type { ServiceAccount } from '../../clients/kubernetes/client.js'
import type { Connection, Found } from '../../connections/model.js'
import type { Workload } from './workload.js'

/** The result of a lookup, or the reason why there is none: a missing permission, a missing login, a server that does not answer. */
export type LookupResult<T> = { readonly value: T } | { readonly unread: string }

/** The members of a public key of an issuer that the checks need. */
export interface SigningKeySummary {
  readonly kid: string
  /** `RSA`, `EC`, … */
  readonly kty: string
  readonly alg: string | undefined
}

/** One of the two documents that an issuer publishes, as an anonymous client on the internet gets it. */
export type PublishedDocument<T> = { readonly url: string } & ({ readonly value: T } | { readonly problem: string })

/** The documents that Entra gets when it follows the issuer. */
export interface PublishedIssuer {
  readonly discovery: PublishedDocument<{
    readonly issuer: unknown
    readonly jwksUri: unknown
    readonly algorithms: readonly string[]
  }>
  /** Undefined if the discovery document does not lead to a key set. */
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
  /** The number of ready addresses behind its service. Undefined without permission to read them, or if the webhook is called by URL. */
  readonly readyEndpoints: number | undefined
}

/** The evidence about the whole cluster. */
export interface ClusterEvidence {
  readonly server: string
  /** The issuer that the API server names. */
  readonly issuer: LookupResult<string>
  /** The key set of the API server: the keys that it signs with, and those that it still accepts. */
  readonly keys: LookupResult<readonly SigningKeySummary[]>
  /** Undefined if the issuer is not known. */
  readonly published: PublishedIssuer | undefined
  /** Null if no AKS cluster that the login can read is this cluster. */
  readonly aks: LookupResult<AksEvidence | null>
  /** The webhook of azure-workload-identity. Null if the cluster has none. */
  readonly webhook: LookupResult<WebhookEvidence | null>
  /** The labels of each namespace, by its name. */
  readonly namespaces: LookupResult<ReadonlyMap<string, Readonly<Record<string, string>>>>
  /** The tenant of the login, if it is known. */
  readonly tenantId?: string | undefined
  /** The address of Entra in the cloud of the login, such as https://login.microsoftonline.com. */
  readonly authorityHost?: string | undefined
}

export interface PodEvidence {
  readonly pod: V1Pod
  /** The object that created the pod, such as its deployment. Undefined for a standalone pod. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined
}

/** The service principal of an identity. */
export interface PrincipalEvidence {
  readonly objectId: string
  readonly enabled: boolean
}

/** A soft-deleted application. */
export interface DeletedApplication {
  readonly objectId: string
  readonly displayName: string
  readonly deletedDateTime: string
}

/** An identity that trusts a service account, although the service account does not name it. */
export interface TrustingIdentity {
  readonly clientId: string
  readonly name: string
}

/** The claims of a service account token. azwi never stores or shows the token itself. */
export interface TokenClaims {
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
  readonly keyId: string | undefined
  readonly algorithm: string
  /** Seconds since 1970, as are `notBefore` and `expiresAt`. */
  readonly issuedAt: number | undefined
  readonly notBefore: number | undefined
  readonly expiresAt: number | undefined
}

/** Entra's answer to the exchange of the token. */
export type ExchangeEvidence =
  | {
      readonly accepted: true
      readonly tenantId: string
      readonly resource: string
      /** Seconds since 1970. */
      readonly expiresAt: number
    }
  | {
      readonly accepted: false
      /** `AADSTS` and digits. Empty if Entra gave none. */
      readonly code: string
      /** The first line of Entra's text, without the IDs of the request. */
      readonly text: string
    }

/** The evidence about one service account, its identity and its pods. */
export interface ServiceAccountEvidence {
  readonly namespace: string
  readonly name: string
  /** Null if the cluster has no service account of this name. */
  readonly account: Found<ServiceAccount>
  /** Undefined if there is no service account to follow. */
  readonly connection: Connection | undefined
  /** The tenant of the login, if it is known. */
  readonly tenantId: string | undefined
  /** The audience that Entra expects in a token. */
  readonly audience: string
  readonly principal: Found<PrincipalEvidence>
  /** The soft-deleted application with the client ID, if no identity has it. */
  readonly deletedApplication: Found<DeletedApplication>
  /**
   * The object ID of the soft-deleted service principal with the client ID, if there is one. Restoring an application does not restore its
   * service principal (Graph reference, directory-deleteditems-restore).
   */
  readonly deletedPrincipal?: string | undefined
  /** The address of Microsoft Graph in this cloud, without a trailing slash. The default is the public cloud's. */
  readonly graph?: string | undefined
  /** The identity that does trust this service account, if the client ID leads to none that does. */
  readonly trustingIdentity: TrustingIdentity | undefined
  /** The subjects of the service accounts in the cluster. Undefined without permission to list them. */
  readonly subjects: ReadonlySet<string> | undefined
  /**
   * The service accounts of the namespace that name a client ID. Only set if the target is a pod or a workload: its author might have meant one
   * of them. Undefined without permission to list them.
   */
  readonly annotatedAccounts?: readonly string[] | undefined
  readonly workloads: LookupResult<readonly Workload[]>
  readonly pods: LookupResult<readonly PodEvidence[]>
  readonly token: LookupResult<TokenClaims>
  readonly exchange: LookupResult<ExchangeEvidence>
  /** The reasons why parts of `connection` could not be read, by the name of the part. */
  readonly unread: ReadonlyMap<string, string>
}

/** The input of the checks of a service account. */
export interface Evidence {
  readonly cluster: ClusterEvidence
  readonly account: ServiceAccountEvidence
}
