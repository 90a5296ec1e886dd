import type { ManagedFields, ServiceAccount } from '../clients/kubernetes/client.js'
import { annotation, issuerAnnotation, setLabel, useLabel } from '../domain/annotations.js'

/** Kubernetes' recommended label for the tool that manages an object: put on a service account that azwi makes, not on one that it finds. */
export const managedByLabel = { 'app.kubernetes.io/managed-by': 'azwi' } as const

const annotationKeys: readonly string[] = [...Object.values(annotation), issuerAnnotation]

/** Which of the annotations on it are azwi's. */
export function ourAnnotations(account: ServiceAccount): string[] {
  return Object.keys(account.metadata?.annotations ?? {}).filter(key => annotationKeys.includes(key))
}

const [managedByKey, managedByValue] = Object.entries(managedByLabel)[0] ?? ['', '']

/** Whether it bears the label of one that azwi made. */
export function bearsOurLabel(account: ServiceAccount): boolean {
  return account.metadata?.labels?.[managedByKey] === managedByValue
}

/** Which of the labels on it are azwi's. The webhook's label is, where the Go azwi made the service account; else somebody else put it there. */
export function ourLabels(account: ServiceAccount): string[] {
  const keys = new Set([
    setLabel,
    ...appliedLabels(account),
    ...(bearsOurLabel(account) ? [managedByKey] : []),
    ...(madeByUs(account) ? [useLabel] : [])
  ])
  return [...keys].filter(key => account.metadata?.labels?.[key] !== undefined)
}

/** The keys of the labels that azwi was asked to put on it: the API server keeps account of who applied what. */
function appliedLabels(account: ServiceAccount): string[] {
  return managedFields(account).filter(isOurApply).flatMap(labelKeys)
}

/** Those of them that nobody else put there too: what is applied without them takes them off. */
export function removableLabels(account: ServiceAccount): Readonly<Record<string, string>> {
  const labels = account.metadata?.labels ?? {}
  const others = new Set(
    managedFields(account)
      .filter(entry => !isOurApply(entry))
      .flatMap(labelKeys)
  )
  return Object.fromEntries(
    appliedLabels(account).flatMap(key =>
      labels[key] === undefined || others.has(key) ? [] : [[key, labels[key]] as const]
    )
  )
}

const managedFields = (account: ServiceAccount): readonly ManagedFields[] => account.metadata?.managedFields ?? []

const isOurApply = ({ manager, operation }: ManagedFields): boolean => manager === 'azwi' && operation === 'Apply'

function labelKeys({ fieldsV1 }: ManagedFields): string[] {
  const labels =
    (fieldsV1 as { 'f:metadata'?: { 'f:labels'?: object } } | undefined)?.['f:metadata']?.['f:labels'] ?? {}
  return Object.keys(labels).map(key => key.replace(/^f:/, ''))
}

/** The Go azwi left no label; its writes are recorded by the API server under its binary's name, as updates. */
export function madeByUs(account: ServiceAccount): boolean {
  return (
    bearsOurLabel(account) ||
    managedFields(account).some(({ manager, operation }) => manager === 'azwi' && operation === 'Update')
  )
}

/** What on a service account is of others, in words for the log; undefined where nothing is. */
export function belongsToOthers(account: ServiceAccount): string | undefined {
  const {
    name,
    labels = {},
    annotations = {},
    ownerReferences = [],
    finalizers = []
  }: Partial<NonNullable<ServiceAccount['metadata']>> = account.metadata ?? {}
  if (name === 'default') return 'every namespace has a service account named default'
  const ours = [...ourAnnotations(account), ...ourLabels(account)]
  const foreign = (keys: readonly string[]) => keys.filter(key => !ours.includes(key))
  const holdings: readonly (readonly [string, readonly string[]])[] = [
    ['labels', foreign(Object.keys(labels))],
    ['annotations', foreign(Object.keys(annotations))],
    ['imagePullSecrets', references(account.imagePullSecrets).filter(secret => !isGenerated(secret, name))],
    ['secrets', references(account.secrets).filter(secret => !isGenerated(secret, name))],
    ['owners', ownerReferences.map(owner => `${owner.kind}/${owner.name}`)],
    ['finalizers', finalizers],
    ['settings', account.automountServiceAccountToken === undefined ? [] : ['automountServiceAccountToken']]
  ]
  const held = holdings.filter(([, items]) => items.length > 0).map(([what, items]) => `${what} ${items.join(', ')}`)
  return held.length === 0 ? undefined : `it holds ${held.join('; ')} of others`
}

const references = (list: readonly { name?: string }[] | undefined): string[] =>
  (list ?? []).map(({ name }) => name ?? '')

/** Kubernetes before 1.24 and OpenShift hang token and registry secrets of their own making on every service account. */
function isGenerated(secret: string, account = ''): boolean {
  return secret.startsWith(`${account}-`) && /^(token|dockercfg)-[a-z0-9]{5}$/.test(secret.slice(account.length + 1))
}
