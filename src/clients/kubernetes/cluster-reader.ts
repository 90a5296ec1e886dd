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
import type { KubernetesRequests } from './requests.js'

/** Workloads by the word that kubectl has for one. Their times are texts, whatever the SDK's types say. */
export interface Workloads {
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

/** Reads what surrounds service accounts in a cluster: pods, workloads, namespaces, webhooks, and the issuer's documents. It changes nothing. */
export class ClusterReader {
  readonly #requests: KubernetesRequests
  /** The API server's address. */
  readonly server: string

  constructor(requests: KubernetesRequests) {
    this.#requests = requests
    this.server = requests.server
  }

  /** The key set with which the API server checks tokens, as it publishes it. Source: Kubernetes, "Service account issuer discovery". */
  async keys(): Promise<unknown> {
    return this.#requests.send('publish its keys', '/openid/v1/jwks')
  }

  /** Every pod of a namespace; without one, of the cluster. With a service account, only those that use it. */
  async pods(namespace?: string, serviceAccount?: string): Promise<V1Pod[]> {
    const query: Record<string, string> =
      serviceAccount === undefined ? {} : { fieldSelector: `spec.serviceAccountName=${serviceAccount}` }
    return this.#requests.list(`list the pods${of(namespace)}`, within('/api/v1', namespace, 'pods'), query)
  }

  async pod(namespace: string, name: string): Promise<V1Pod | undefined> {
    return this.#requests.find(`read the pod ${namespace}/${name}`, `${within('/api/v1', namespace, 'pods')}/${name}`)
  }

  async workloads<Kind extends keyof Workloads>(kind: Kind, namespace?: string): Promise<Workloads[Kind][]> {
    return this.#requests.list(`list the ${kind}s${of(namespace)}`, within(groups[kind], namespace, `${kind}s`))
  }

  async workload<Kind extends keyof Workloads>(
    kind: Kind,
    namespace: string,
    name: string
  ): Promise<Workloads[Kind] | undefined> {
    return this.#requests.find(
      `read the ${kind} ${namespace}/${name}`,
      `${within(groups[kind], namespace, `${kind}s`)}/${name}`
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

  /** How many addresses behind a service are ready. Source: Kubernetes, "EndpointSlices", whose label names their service. */
  async readyEndpoints(namespace: string, service: string): Promise<number> {
    const slices = await this.#requests.list<V1EndpointSlice>(
      `list the endpoints of the service ${namespace}/${service}`,
      within('/apis/discovery.k8s.io/v1', namespace, 'endpointslices'),
      { labelSelector: `kubernetes.io/service-name=${service}` }
    )
    // An endpoint that does not say whether it is ready is taken to be.
    return slices
      .flatMap(({ endpoints }) => (endpoints as typeof endpoints | null) ?? [])
      .filter(({ conditions }) => conditions?.ready !== false).length
  }
}

const within = (group: string, namespace: string | undefined, plural: string): string =>
  namespace === undefined ? `${group}/${plural}` : `${group}/namespaces/${namespace}/${plural}`

const of = (namespace: string | undefined): string => (namespace === undefined ? '' : ` of the namespace ${namespace}`)
