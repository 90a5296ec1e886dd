import type { V1MutatingWebhook, V1Pod } from '@kubernetes/client-node'
import { annotation, tokenExpirationSeconds, useLabel } from '../../domain/annotations.js'
import type { ClusterEvidence, Evidence, WebhookEvidence } from '../evidence/model.js'
import type { Labels, PodGroup } from '../evidence/pod-group.js'

/** The name of the webhook in its configuration (azure-workload-identity, deploy/azure-wi-webhook.yaml). */
const webhookName = 'mutation.azure-workload-identity.io'

/** Returns the webhook that changes pods, or undefined if the configuration has no webhook. */
export function podWebhook({ configuration }: WebhookEvidence): V1MutatingWebhook | undefined {
  return configuration.webhooks?.find(({ name }) => name === webhookName) ?? configuration.webhooks?.[0]
}

/** Returns the reason why an AKS cluster has no webhook: workload identity is off. Undefined in every other case. */
export function aksWithoutWebhookReason({ aks }: ClusterEvidence): string | undefined {
  if (!('value' in aks) || aks.value === null || aks.value.workloadIdentity) return undefined
  return `because workload identity is off in the AKS cluster ${aks.value.name}, which brings the webhook along`
}

/** Returns the requirements of the webhook that the namespace does not meet, or undefined if the webhook or the namespace could not be read. */
export function unmetByNamespace({ cluster, account }: Evidence): UnmetRequirement[] | undefined {
  if (!('value' in cluster.webhook) || cluster.webhook.value === null || !('value' in cluster.namespaces))
    return undefined
  const labels = cluster.namespaces.value.get(account.namespace)
  return labels && unmetRequirements(podWebhook(cluster.webhook.value)?.namespaceSelector, labels)
}

/** Returns the requirements of the webhook that the labels of a pod do not meet. Assumes v1.0 or later if the webhook could not be read. */
export function unmetByPod({ webhook }: ClusterEvidence, labels: Labels): UnmetRequirement[] {
  const known = 'value' in webhook && webhook.value !== null ? podWebhook(webhook.value) : undefined
  const selector: Selector | undefined =
    known === undefined ? { matchLabels: { [useLabel]: 'true' } } : known.objectSelector
  return unmetRequirements(selector, labels)
}

/** Reports whether the webhook selects a pod by its labels. */
export function isSelected({ cluster }: Evidence, { metadata }: V1Pod): boolean {
  return unmetByPod(cluster, metadata?.labels ?? {}).length === 0
}

/** Returns the reason why a new pod gets no token, whatever its labels: the message of a skipped finding. Undefined if there is none. */
export function noTokenReason(evidence: Evidence): string | undefined {
  const { webhook } = evidence.cluster
  if (!('value' in webhook)) return undefined
  if (webhook.value === null || podWebhook(webhook.value) === undefined)
    return aksWithoutWebhookReason(evidence.cluster) ?? 'because the webhook is not there'
  if (webhook.value.readyEndpoints === 0) return 'because no endpoint of the webhook is ready'
  if ((unmetByNamespace(evidence) ?? []).length > 0)
    return `because the webhook leaves out the namespace ${evidence.account.namespace}`
  const expiration = evidence.account.account?.metadata?.annotations?.[annotation.tokenExpiration]
  return isValidExpiration(expiration)
    ? undefined
    : 'because the webhook refuses pods of a service account with such a token expiration'
}

/** Returns the reason why no pod of a group has a token to check: the message of a skipped finding. */
export function noTokenPodReason(evidence: Evidence, { pods }: PodGroup): string {
  return noTokenReason(evidence) ?? (pods.length === 0 ? 'no pod of it runs' : 'because no pod of it has a token')
}

/** Reports whether the webhook accepts a text as a token lifetime in seconds. It uses its default for an empty one (pkg/webhook/webhook.go). */
export function isValidExpiration(text: string | undefined): boolean {
  const { minimum, maximum } = tokenExpirationSeconds
  return (
    text === undefined || text === '' || (/^[+-]?\d+$/.test(text) && Number(text) >= minimum && Number(text) <= maximum)
  )
}

/** The members of Kubernetes' LabelSelectorRequirement. */
interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}
/** The members of Kubernetes' LabelSelector. */
export interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly Requirement[]
}

/** A requirement of a selector that labels do not meet. */
export interface UnmetRequirement {
  readonly key: string
  /** Undefined without such a label. */
  readonly found: string | undefined
  /** For a message, such as `not "true"`. */
  readonly expected: string
  /** A value that meets the requirement, or null if the label must be removed. */
  readonly value: string | null
}

/**
 * Returns the requirements of a selector that labels do not meet. A missing or empty selector selects everything. Source: Kubernetes API reference,
 * LabelSelector v1 meta.
 */
export function unmetRequirements(selector: Selector | undefined, labels: Labels): UnmetRequirement[] {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]): Requirement => ({
    key,
    operator: 'In',
    values: [value]
  }))
  return [...equal, ...(selector?.matchExpressions ?? [])].flatMap(
    ({ key, operator, values = [] }): UnmetRequirement[] => {
      const found = labels[key]
      const isListed = found !== undefined && values.includes(found)
      const quoted = values.map(value => JSON.stringify(value)).join(' or ')
      if (operator === 'In') return isListed ? [] : [{ key, found, expected: quoted, value: values[0] ?? '' }]
      if (operator === 'NotIn') return isListed ? [{ key, found, expected: `not ${quoted}`, value: null }] : []
      if (operator === 'Exists')
        return found === undefined ? [{ key, found, expected: 'any value', value: 'true' }] : []
      return found === undefined ? [] : [{ key, found, expected: 'no such label', value: null }]
    }
  )
}

/** Returns a label as in YAML: `team: "shop"`. Returns `no label team` for a missing label. */
export function labelText(key: string, value: string | undefined): string {
  return value === undefined ? `no label ${key}` : `${key}: ${JSON.stringify(value)}`
}
