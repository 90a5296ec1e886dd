import type { V1MutatingWebhook, V1Pod } from '@kubernetes/client-node'
import { annotation, tokenExpirationSeconds, useLabel } from '../../domain/annotations.js'
import type { Case, ClusterEvidence, WebhookEvidence } from '../evidence/model.js'

/** Its name in the configuration (Azure/azure-workload-identity, deploy/azure-wi-webhook.yaml). */
const webhookName = 'mutation.azure-workload-identity.io'

/** The webhook that changes pods; undefined where the configuration has none at all. */
export function podWebhook({ configuration }: WebhookEvidence): V1MutatingWebhook | undefined {
  return configuration.webhooks?.find(({ name }) => name === webhookName) ?? configuration.webhooks?.[0]
}

/** Why there need not be a webhook to look at: AKS brings it with workload identity, which is off. Undefined where that is not so. */
export function whyAksHasNone({ aks }: ClusterEvidence): string | undefined {
  if (!('value' in aks) || aks.value === null || aks.value.workloadIdentity) return undefined
  return `because workload identity is off in the AKS cluster ${aks.value.name}, which brings the webhook along`
}

/** What keeps the webhook from seeing a namespace's pods; undefined where the webhook or the namespace could not be looked at. */
export function namespaceUnmet({ cluster, account }: Case): Unmet[] | undefined {
  if (!('value' in cluster.webhook) || cluster.webhook.value === null || !('value' in cluster.namespaces))
    return undefined
  const labels = cluster.namespaces.value.get(account.namespace)
  return labels && unmet(podWebhook(cluster.webhook.value)?.namespaceSelector, labels)
}

/** What keeps the webhook from seeing a pod with such labels. Where it could not be looked at, that of v1.0 and later is taken to be there. */
export function podUnmet({ webhook }: ClusterEvidence, labels: Labels): Unmet[] {
  const seen = 'value' in webhook && webhook.value !== null ? podWebhook(webhook.value) : undefined
  const selector: Selector | undefined =
    seen === undefined ? { matchLabels: { [useLabel]: 'true' } } : seen.objectSelector
  return unmet(selector, labels)
}

/** Whether the webhook looks at a pod with its labels. */
export function isSelected({ cluster }: Case, { metadata }: V1Pod): boolean {
  return podUnmet(cluster, metadata?.labels ?? {}).length === 0
}

/** Why a pod that is made now would get no token, whatever its own labels say; for `skipped`. Undefined where nothing speaks against it. */
export function whyNoTokens(of: Case): string | undefined {
  const { webhook } = of.cluster
  if (!('value' in webhook)) return undefined
  if (webhook.value === null || podWebhook(webhook.value) === undefined)
    return whyAksHasNone(of.cluster) ?? 'because the webhook is not there'
  if (webhook.value.readyEndpoints === 0) return 'because no endpoint of the webhook is ready'
  if ((namespaceUnmet(of) ?? []).length > 0)
    return `because the webhook leaves out the namespace ${of.account.namespace}`
  const expiration = of.account.account?.metadata?.annotations?.[annotation.tokenExpiration]
  return isExpiration(expiration)
    ? undefined
    : 'because the webhook refuses pods of a service account with such a token expiration'
}

/** Whether the webhook takes this for a token's life in seconds; nothing and an empty text are its default (pkg/webhook/webhook.go). */
export function isExpiration(text: string | undefined): boolean {
  const { minimum, maximum } = tokenExpirationSeconds
  return (
    text === undefined || text === '' || (/^[+-]?\d+$/.test(text) && Number(text) >= minimum && Number(text) <= maximum)
  )
}

export type Labels = Readonly<Record<string, string>>

/** As Kubernetes' SDK has them in its classes. */
interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}
export interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly Requirement[]
}

/** A requirement that labels do not meet. */
export interface Unmet {
  readonly key: string
  /** Undefined where there is no such label. */
  readonly found: string | undefined
  /** In words, as `not "true"`. */
  readonly expected: string
  /** A value that would meet it; null where the label has to go. */
  readonly value: string | null
}

/** What keeps labels from being selected; an absent or empty selector selects everything. Source: Kubernetes, Labels and Selectors, LabelSelector v1 meta. */
export function unmet(selector: Selector | undefined, labels: Labels): Unmet[] {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]): Requirement => ({
    key,
    operator: 'In',
    values: [value]
  }))
  return [...equal, ...(selector?.matchExpressions ?? [])].flatMap(({ key, operator, values = [] }): Unmet[] => {
    const found = labels[key]
    const listed = found !== undefined && values.includes(found)
    const quoted = values.map(value => JSON.stringify(value)).join(' or ')
    if (operator === 'In') return listed ? [] : [{ key, found, expected: quoted, value: values[0] ?? '' }]
    if (operator === 'NotIn') return listed ? [{ key, found, expected: `not ${quoted}`, value: null }] : []
    if (operator === 'Exists') return found === undefined ? [{ key, found, expected: 'any value', value: 'true' }] : []
    return found === undefined ? [] : [{ key, found, expected: 'no such label', value: null }]
  })
}

/** A label as it is written in YAML: `team: "shop"`; of one that is not there, its key and that. */
export function labelText(key: string, value: string | undefined): string {
  return value === undefined ? `no label ${key}` : `${key}: ${JSON.stringify(value)}`
}
