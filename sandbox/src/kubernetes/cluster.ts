import type { JsonObject } from '../json.js'
import type { PublicJwk, SigningKey } from '../signing-key.js'
import { wholeSeconds } from '../dates.js'

/** One entry of `metadata.managedFields` (Kubernetes API reference, ManagedFieldsEntry v1 meta). */
export interface ManagedFieldsEntry extends JsonObject {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time: string
  fieldsType: 'FieldsV1'
  fieldsV1: JsonObject
}

/** finalizers, ownerReferences and the like lie beside these, as they were sent. */
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

/** An object as the API server stores it: `secrets`, `imagePullSecrets`, `spec` and the like lie beside the metadata. */
export interface KubernetesObject extends JsonObject {
  apiVersion: string
  kind: string
  metadata: ObjectMetadata
}

/** The kinds that the cluster keeps. */
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

export type Collection = (typeof collections)[number]

/** The objects of each kind: by `<namespace>/<name>`, or by name where the kind has no namespaces. */
export type Collections = Readonly<Record<Collection, Map<string, KubernetesObject>>>

export interface Cluster extends Collections {
  readonly name: string
  /** The GUID in the path of the public issuer, after the tenant's. */
  readonly id: string
  /** What tokens carry as `iss`. Filled when the issuer listens; ends in `/`, as AKS has it. */
  issuer: string
  /** Keys of the API server; the first signs. Its own `/openid/v1/jwks` shows them all. */
  signingKeys: SigningKey[]
  /** What the public issuer shows. Apart from the signing keys on purpose: forgetting to publish a new key is a fault that people have. */
  publishedKeys: PublicJwk[]
  /** The bearer token in the kubeconfig. */
  readonly adminToken: string
  /**
   * What the administrator may not do all the same, for showing what a tool does without the rights: `<verb> <resource>`, with the group after
   * the resource where it has one, and its subresource: `list pods`, `patch deployments.apps`, `create serviceaccounts/token`.
   */
  readonly denied: Set<string>
  /** The newest resource version: one counter for the whole cluster, as etcd has it. */
  revision: number
  nextResourceVersion: () => string
}

export interface ClusterOptions {
  readonly id: string
  readonly adminToken: string
  readonly signingKey: SigningKey
  readonly now: () => Date
  readonly uuid: () => string
}

/**
 * A cluster as it is after its bootstrap: three namespaces, each with its `default` service account, one signing key, published. AKS labels
 * kube-system, so that its admissions enforcer can keep webhooks out of it.
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

/** The labels that AKS gives kube-system, as Cilium's identities on AKS repeat them (Azure/kperf, benchmark of their lists). */
const managedByAks = {
  'control-plane': 'true',
  'kubernetes.azure.com/managedby': 'aks',
  'kubernetes.io/cluster-service': 'true'
}

function addNamespace(cluster: Cluster, name: string, at: Date, uuid: () => string): void {
  cluster.namespaces.set(name, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { ...freshMetadata(cluster, name, at, uuid), labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' }
  })
  addDefaultServiceAccount(cluster, name, at, uuid)
}

/** What the service account controller does in every namespace. */
export function addDefaultServiceAccount(cluster: Cluster, namespace: string, at: Date, uuid: () => string): void {
  cluster.serviceAccounts.set(`${namespace}/default`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { ...freshMetadata(cluster, 'default', at, uuid), namespace }
  })
}

function freshMetadata(cluster: Cluster, name: string, at: Date, uuid: () => string): ObjectMetadata {
  return {
    name,
    uid: uuid(),
    resourceVersion: cluster.nextResourceVersion(),
    creationTimestamp: wholeSeconds(at),
    managedFields: []
  }
}
