import type { KubernetesObject } from '../cluster.js'
import { isJsonObject, type Json, type JsonObject, listAt, numberAt, textAt, valueAt } from '../../json.js'
import type { State } from '../../state.js'
import { matchesSelector } from '../selectors.js'
import { StatusError } from '../status-error.js'
import { mutatePod, workloadIdentityWebhook } from './workload-identity-mutation.js'

/**
 * The webhooks that a new pod passes (kubernetes.io, Dynamic Admission Control): every one whose rules and selectors fit, in the order of their
 * configurations' names. One whose service has no ready endpoint lets the pod pass or not, as its failure policy says. Of the others only
 * Azure's does something: the sandbox calls nobody.
 */
export function callWebhooks(state: State, pod: KubernetesObject): void {
  const { mutatingWebhookConfigurations, namespaces } = state.cluster
  const namespaceLabels = namespaces.get(pod.metadata.namespace ?? '')?.metadata.labels
  const inOrder = [...mutatingWebhookConfigurations]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, { webhooks = [] }]) => listAt({ webhooks }, 'webhooks'))
  for (const webhook of inOrder) {
    const applies =
      listAt(webhook, 'rules').some(coversNewPods) &&
      matchesSelector(webhook.namespaceSelector, namespaceLabels) &&
      matchesSelector(webhook.objectSelector, pod.metadata.labels)
    if (applies) callWebhook(state, webhook, pod)
  }
}

function coversNewPods({ operations, apiGroups, apiVersions, resources }: JsonObject): boolean {
  const has = (list: Json | undefined, ...wanted: readonly string[]): boolean =>
    Array.isArray(list) && list.some(each => wanted.includes(textAt(each)))
  return (
    has(operations, 'CREATE', '*') &&
    has(apiGroups, '', '*') &&
    has(apiVersions, 'v1', '*') &&
    has(resources, 'pods', '*', '*/*')
  )
}

function callWebhook(state: State, webhook: JsonObject, pod: KubernetesObject): void {
  const service = valueAt(webhook, 'clientConfig', 'service')
  if (!isJsonObject(service)) return
  const unreachable = whyUnreachable(state, service)
  if (unreachable === undefined) {
    if (webhook.name === workloadIdentityWebhook) mutatePod(state, pod, textAt(service, 'namespace'))
    return
  }
  if (webhook.failurePolicy === 'Ignore') return
  const host = `${textAt(service, 'name')}.${textAt(service, 'namespace')}.svc:${numberAt(service, 'port') ?? 443}`
  const address = `https://${host}${textAt(service, 'path')}?timeout=${numberAt(webhook, 'timeoutSeconds') ?? 10}s`
  const why = `failed calling webhook "${textAt(webhook, 'name')}": failed to call webhook: Post "${address}": ${unreachable}`
  // The wording is that of Azure/AKS issue 5686.
  throw new StatusError(500, 'InternalError', `Internal error occurred: ${why}`)
}

/** What keeps the API server from reaching a service (kube-aggregator, service resolver); undefined where a pod behind it is ready. */
function whyUnreachable({ cluster }: State, service: JsonObject): string | undefined {
  const name = textAt(service, 'name')
  const key = `${textAt(service, 'namespace')}/${name}`
  if (!cluster.services.has(key)) return `service "${name}" not found`
  const subsets = listAt(cluster.endpoints.get(key), 'subsets')
  return subsets.some(subset => listAt(subset, 'addresses').length > 0)
    ? undefined
    : `no endpoints available for service "${name}"`
}
