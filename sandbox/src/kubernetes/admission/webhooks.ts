import { isJsonObject, type Json, type JsonObject, listAt, numberAt, textAt, valueAt } from '../../json.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import { matchesSelector } from '../selectors.js'
import { StatusError } from '../status-error.js'
import { mutatePod, workloadIdentityWebhook } from './workload-identity-mutation.js'

/**
 * Calls the mutating webhooks for a new pod (kubernetes.io, Dynamic Admission Control): all webhooks whose rules and
 * selectors match, in the order of the names of their configurations. If the service of a webhook has no ready
 * endpoint, its failure policy decides: `Ignore` admits the pod, and any other policy throws a 500. The sandbox sends
 * no requests to webhooks. It implements Azure's webhook itself, and ignores all others.
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
    Array.isArray(list) && list.some(value => wanted.includes(textAt(value)))
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
  const failure = unreachableReason(state, service)
  if (failure === undefined) {
    if (webhook.name === workloadIdentityWebhook) mutatePod(state, pod, textAt(service, 'namespace'))
    return
  }
  if (webhook.failurePolicy === 'Ignore') return
  const host = `${textAt(service, 'name')}.${textAt(service, 'namespace')}.svc:${numberAt(service, 'port') ?? 443}`
  const address = `https://${host}${textAt(service, 'path')}?timeout=${numberAt(webhook, 'timeoutSeconds') ?? 10}s`
  const reason = `failed calling webhook "${textAt(webhook, 'name')}": failed to call webhook: Post "${address}": ${failure}`
  // Azure/AKS issue 5686 quotes this message.
  throw new StatusError(500, 'InternalError', `Internal error occurred: ${reason}`)
}

/**
 * Returns why the API server cannot reach a service (kube-aggregator, service resolver), or undefined if it has a ready
 * endpoint.
 */
function unreachableReason({ cluster }: State, service: JsonObject): string | undefined {
  const name = textAt(service, 'name')
  const key = `${textAt(service, 'namespace')}/${name}`
  if (!cluster.services.has(key)) return `service "${name}" not found`
  const subsets = listAt(cluster.endpoints.get(key), 'subsets')
  return subsets.some(subset => listAt(subset, 'addresses').length > 0)
    ? undefined
    : `no endpoints available for service "${name}"`
}
