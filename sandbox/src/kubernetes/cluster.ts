import { wholeSeconds } from '../dates.js'
import type { JsonObject } from '../json.js'
import type { PublicJwk, SigningKey } from '../signing-key.js'

/** One entry of `metadata.managedFields` (Kubernetes API reference, ManagedFieldsEntry v1 meta). */
export interface ManagedFieldsEntry extends JsonObject {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time: string
  fieldsType: 'FieldsV1'
  fieldsV1: JsonObject
}

/** ObjectMeta v1 meta. Other fields, such as `finalizers` and `ownerReferences`, are stored as they were sent. */
export interface ObjectMetadata extends JsonObject {
  name: string
  namespace?: string
  uid: string
  resourceVersion: string
  creationTimestamp: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  managedFields: ManagedFieldsEntry[]
}

/** An object as the API server stores it. Other fields depend on the kind: `spec`, `status`, `secrets`. */
export interface KubernetesObject extends JsonObject {
  apiVersion: string
  kind: string
  metadata: ObjectMetadata
}

/** The kinds that the cluster stores. */
export const collections = [
  'namespaces',
  'serviceAccounts',
  'pods',
  'services',
  'endpoints',
  'endpointSlices',
  'configMaps',
  'deployments',
  'replicaSets',
  'statefulSets',
  'daemonSets',
  'jobs',
  'cronJobs',
  'mutatingWebhookConfigurations'
] as const

/** The name of the objects of a kind in the state of the cluster. */
export type Collection = (typeof collections)[number]

/** The objects of each kind, by `<namespace>/<name>`, or by `<name>` for a cluster-scoped kind. */
export type Collections = Readonly<Record<Collection, Map<string, KubernetesObject>>>

/** The state of the Kubernetes cluster. */
export interface Cluster extends Collections {
  readonly name: string
  /** The GUID that comes after the tenant ID in the path of the public issuer. */
  readonly id: string
  /** The claim `iss` of tokens. Ends with `/`, as on AKS. Empty until the issuer listens. */
  issuer: string
  /**
   * The keys of the API server. The first one signs tokens. The API server lists all of them in its own
   * `/openid/v1/jwks`.
   */
  signingKeys: SigningKey[]
  /**
   * The keys that the public issuer lists. Separate from the signing keys, because tests need the case of a new key
   * that is not published.
   */
  publishedKeys: PublicJwk[]
  /** The bearer token in the kubeconfig. */
  readonly adminToken: string
  /**
   * The permissions that the user does not have, for tests of missing permissions. Each is a verb and a resource, with
   * the group and the subresource if there are any: `list pods`, `patch deployments.apps`,
   * `create serviceaccounts/token`. For a path that is no resource: `get /openid/v1/jwks`.
   */
  readonly denied: Set<string>
  /** The latest resource version. The whole cluster has one counter, like etcd. */
  revision: number
  /** Increments the revision, and returns it. */
  nextResourceVersion: () => string
}

/** The values that a new cluster depends on. */
export interface ClusterOptions {
  readonly id: string
  readonly adminToken: string
  readonly signingKey: SigningKey
  readonly now: () => Date
  readonly uuid: () => string
}

/**
 * Returns a new cluster with three namespaces, their `default` service accounts and one signing key, which is
 * published. The namespace `kube-system` has the labels of AKS. The admissions enforcer of AKS excludes it from
 * webhooks by them.
 */
export function createCluster({ id, adminToken, signingKey, now, uuid }: ClusterOptions): Cluster {
  const cluster: Cluster = {
    name: 'azwi-sandbox',
    id,
    issuer: '',
    signingKeys: [signingKey],
    publishedKeys: [signingKey.jwk],
    adminToken,
    ...(Object.fromEntries(collections.map(name => [name, new Map()])) as Record<
      Collection,
      Map<string, KubernetesObject>
    >),
    denied: new Set(),
    revision: 0,
    nextResourceVersion: () => String(++cluster.revision)
  }
  for (const name of ['default', 'kube-system', 'kube-public']) addNamespace(cluster, name, now(), uuid)
  Object.assign(cluster.namespaces.get('kube-system')?.metadata.labels ?? {}, managedByAks)
  return cluster
}

/** The labels of `kube-system` on AKS. Azure/kperf has them in its benchmark of Cilium identities. */
const managedByAks = {
  'control-plane': 'true',
  'kubernetes.azure.com/managedby': 'aks',
  'kubernetes.io/cluster-service': 'true'
}

function addNamespace(cluster: Cluster, name: string, at: Date, uuid: () => string): void {
  cluster.namespaces.set(name, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { ...newMetadata(cluster, name, at, uuid), labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' }
  })
  addDefaultServiceAccount(cluster, name, at, uuid)
}

/** Creates the `default` service account of a namespace, as the service account controller does. */
export function addDefaultServiceAccount(cluster: Cluster, namespace: string, at: Date, uuid: () => string): void {
  cluster.serviceAccounts.set(`${namespace}/default`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { ...newMetadata(cluster, 'default', at, uuid), namespace }
  })
}

function newMetadata(cluster: Cluster, name: string, at: Date, uuid: () => string): ObjectMetadata {
  return {
    name,
    uid: uuid(),
    resourceVersion: cluster.nextResourceVersion(),
    creationTimestamp: wholeSeconds(at),
    managedFields: []
  }
}
