import type {
  V1CronJob,
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Job,
  V1MutatingWebhookConfiguration,
  V1Namespace,
  V1Pod,
  V1StatefulSet
} from '@kubernetes/client-node'
import { issuerDocumentTypes } from '../../domain/issuer.js'
import type { KubernetesRequests } from './requests.js'

/** The workload types, by the name that kubectl uses. Their times are strings, unlike in the SDK's types. */
interface Workloads {
  readonly deployment: V1Deployment
  readonly statefulset: V1StatefulSet
  readonly daemonset: V1DaemonSet
  readonly job: V1Job
  readonly cronjob: V1CronJob
}

const groups: Readonly<Record<keyof Workloads, string>> = {
  deployment: '/apis/apps/v1',
  statefulset: '/apis/apps/v1',
  daemonset: '/apis/apps/v1',
  job: '/apis/batch/v1',
  cronjob: '/apis/batch/v1'
}

/**
 * Reads the objects around the service accounts of a cluster: pods, workloads, namespaces, webhooks, and the API server's keys. Changes
 * nothing. Every method throws a ServiceError.
 */
export class ClusterReader {
  readonly #requests: KubernetesRequests
  /** The URL of the API server. */
  readonly server: string

  constructor(requests: KubernetesRequests) {
    this.#requests = requests
    this.server = requests.server
  }

  /** Returns the key set that the API server publishes. Source: Kubernetes, "Service account issuer discovery". */
  async keys(): Promise<unknown> {
    return this.#requests.send('publish its keys', '/openid/v1/jwks', { accept: issuerDocumentTypes })
  }

  /** Lists the pods of a namespace, or of the whole cluster: all of them, or those that use a service account. */
  async pods(namespace?: string, serviceAccount?: string): Promise<V1Pod[]> {
    const query: Record<string, string> =
      serviceAccount === undefined ? {} : { fieldSelector: `spec.serviceAccountName=${serviceAccount}` }
    return this.#requests.list(
      `list the pods${inNamespace(namespace)}`,
      collectionPath('/api/v1', namespace, 'pods'),
      query
    )
  }

  async pod(namespace: string, name: string): Promise<V1Pod | undefined> {
    return this.#requests.find(
      `read the pod ${namespace}/${name}`,
      `${collectionPath('/api/v1', namespace, 'pods')}/${name}`
    )
  }

  async workloads<Kind extends keyof Workloads>(kind: Kind, namespace?: string): Promise<Workloads[Kind][]> {
    return this.#requests.list(
      `list the ${kind}s${inNamespace(namespace)}`,
      collectionPath(groups[kind], namespace, `${kind}s`)
    )
  }

  async workload<Kind extends keyof Workloads>(
    kind: Kind,
    namespace: string,
    name: string
  ): Promise<Workloads[Kind] | undefined> {
    return this.#requests.find(
      `read the ${kind} ${namespace}/${name}`,
      `${collectionPath(groups[kind], namespace, `${kind}s`)}/${name}`
    )
  }

  async namespaces(): Promise<V1Namespace[]> {
    return this.#requests.list('list the namespaces', '/api/v1/namespaces')
  }

  async namespace(name: string): Promise<V1Namespace | undefined> {
    return this.#requests.find(`read the namespace ${name}`, `/api/v1/namespaces/${name}`)
  }

  async mutatingWebhooks(): Promise<V1MutatingWebhookConfiguration[]> {
    return this.#requests.list(
      'list the mutating webhook configurations',
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
    )
  }

  /** Counts the ready endpoints of a service. Source of the label: Kubernetes, "EndpointSlices". */
  async readyEndpoints(namespace: string, service: string): Promise<number> {
    const slices = await this.#requests.list<V1EndpointSlice>(
      `list the endpoints of the service ${namespace}/${service}`,
      collectionPath('/apis/discovery.k8s.io/v1', namespace, 'endpointslices'),
      { labelSelector: `kubernetes.io/service-name=${service}` }
    )
    // An endpoint without the condition counts as ready, as in the Kubernetes API reference.
    return slices
      .flatMap(({ endpoints }) => (endpoints as typeof endpoints | null) ?? [])
      .filter(({ conditions }) => conditions?.ready !== false).length
  }
}

const collectionPath = (group: string, namespace: string | undefined, plural: string): string =>
  namespace === undefined ? `${group}/${plural}` : `${group}/namespaces/${namespace}/${plural}`

const inNamespace = (namespace: string | undefined): string =>
  namespace === undefined ? '' : ` of the namespace ${namespace}`
