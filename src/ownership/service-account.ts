import type { ManagedFields, ServiceAccount } from '../clients/kubernetes/client.js'
import { annotation, issuerAnnotation, managedIdentityAnnotation, setLabel, useLabel } from '../domain/annotations.js'
import { managedByLabel } from '../domain/marks.js'

const annotationKeys: readonly string[] = [...Object.values(annotation), issuerAnnotation, managedIdentityAnnotation]

/** Returns the keys of the annotations that belong to azwi. */
export function ourAnnotations(account: ServiceAccount): string[] {
  return Object.keys(account.metadata?.annotations ?? {}).filter(key => annotationKeys.includes(key))
}

const [managedByKey, managedByValue] = Object.entries(managedByLabel)[0] ?? ['', '']

/** Reports whether the service account bears the label that azwi puts on those it creates. */
export function bearsOurLabel(account: ServiceAccount): boolean {
  return account.metadata?.labels?.[managedByKey] === managedByValue
}

/**
 * Returns the keys of the labels that belong to azwi. The label of the webhook does only if azwi or the Go azwi created the service account;
 * otherwise somebody else has added it.
 */
export function ourLabels(account: ServiceAccount): string[] {
  const keys = new Set([
    setLabel,
    ...appliedLabels(account),
    ...(bearsOurLabel(account) ? [managedByKey] : []),
    ...(madeByUs(account) ? [useLabel] : [])
  ])
  return [...keys].filter(key => account.metadata?.labels?.[key] !== undefined)
}

/** Returns the keys of the labels that azwi has applied. The API server records who applied which field. */
function appliedLabels(account: ServiceAccount): string[] {
  return managedFields(account).filter(isOurApply).flatMap(labelKeys)
}

/** Returns the labels that azwi has applied and nobody else owns. An apply without them removes them. */
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

/** Reports whether a field manager is azwi, or the Go azwi on one of its platforms. The API server derives the name from the binary and the system. */
const isOurManager = (manager = ''): boolean => /^azwi(\.exe|-[a-z0-9]+-[a-z0-9]+)?$/.test(manager)

const isOurApply = ({ manager, operation }: ManagedFields): boolean => manager === 'azwi' && operation === 'Apply'

const labelKeys = (entry: ManagedFields): string[] => metadataKeys(entry, 'f:labels')

function metadataKeys({ fieldsV1 }: ManagedFields, field: 'f:labels' | 'f:annotations'): string[] {
  const metadata = (fieldsV1 as { 'f:metadata'?: Partial<Record<typeof field, object>> } | undefined)?.['f:metadata']
  return Object.keys(metadata?.[field] ?? {})
    .filter(key => key.startsWith('f:'))
    .map(key => key.slice(2))
}

/** Reports whether azwi or the Go azwi created the service account. The Go azwi sets no label; the API server records its updates under its name. */
export function madeByUs(account: ServiceAccount): boolean {
  return (
    bearsOurLabel(account) ||
    managedFields(account).some(({ manager, operation }) => isOurManager(manager) && operation === 'Update')
  )
}

/** A field manager other than azwi, with the labels and annotations that it owns. */
export interface OtherManager {
  readonly name: string
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
}

/** Returns the field managers other than azwi. Controllers of Kubernetes and OpenShift that only add token secrets do not count. */
export function otherManagers(account: ServiceAccount): OtherManager[] {
  return managedFields(account)
    .filter(entry => !isOurManager(entry.manager) && !ownsOnlyTokens(entry))
    .map(entry => ({
      name: entry.manager ?? 'unknown',
      labels: metadataKeys(entry, 'f:labels'),
      annotations: metadataKeys(entry, 'f:annotations')
    }))
}

/** Who owns a label or an annotation, according to the API server. */
export interface FieldOwners {
  /** Whether azwi or the Go azwi owns it. Others might own it too. */
  readonly isOurs: boolean
  /** Whether its only owner is an apply of azwi, which can change and remove it without force. */
  readonly isOnlyApplied: boolean
  /** The names of the other managers. */
  readonly others: readonly string[]
}

/** The manager of what was written before the first apply. It says nothing about who wrote it. Source: apimachinery, managedfields. */
const beforeFirstApply = 'before-first-apply'

/** Returns the owners of a label or an annotation. */
export function ownersOf(account: ServiceAccount, section: 'labels' | 'annotations', key: string): FieldOwners {
  const owners = managedFields(account).filter(entry => metadataKeys(entry, `f:${section}`).includes(key))
  const others = owners.flatMap(({ manager = 'unknown' }) =>
    isOurManager(manager) || manager === beforeFirstApply ? [] : [manager]
  )
  return {
    isOurs: owners.some(({ manager }) => isOurManager(manager)),
    isOnlyApplied: owners.length > 0 && owners.every(isOurApply),
    others: [...new Set(others)]
  }
}

/** Reports whether the API server says who manages the account. Old objects, and proxies that strip the field, do not. */
export function hasManagers(account: ServiceAccount): boolean {
  return managedFields(account).length > 0
}

/** The field managers that add secrets to every service account. OpenShift 4.16 and later use the last one. */
const tokenControllers = /^(kube-controller-manager|openshift-controller-manager|openshift\.io\/.*pull-secrets.*)$/

/** Kubernetes before 1.24 and OpenShift add token and registry secrets, and OpenShift annotations, to every service account. */
function ownsOnlyTokens({ manager = '', fieldsV1 = {} }: ManagedFields): boolean {
  if (!tokenControllers.test(manager)) return false
  const { 'f:metadata': metadata = {}, ...rest } = fieldsV1 as { 'f:metadata'?: object }
  const annotations = metadataKeys({ fieldsV1 }, 'f:annotations')
  return (
    Object.keys(rest).every(key => ['f:secrets', 'f:imagePullSecrets'].includes(key)) &&
    Object.keys(metadata).every(key => key === 'f:annotations') &&
    annotations.every(key => key.startsWith('openshift.io/'))
  )
}

/** The annotation with the pull secret that OpenShift 4.16 and later generate. Source: openshift-controller-manager, internalregistry/controllers. */
const pullSecretAnnotation = 'openshift.io/internal-registry-pull-secret-ref'

function annotationsOfTokenControllers(account: ServiceAccount): string[] {
  return managedFields(account)
    .filter(ownsOnlyTokens)
    .flatMap(entry => metadataKeys(entry, 'f:annotations'))
}

/** Says, for the log, what others have put on the service account. Undefined if there is nothing. */
export function belongsToOthers(account: ServiceAccount): string | undefined {
  const {
    name,
    labels = {},
    annotations = {},
    ownerReferences = [],
    finalizers = []
  }: Partial<NonNullable<ServiceAccount['metadata']>> = account.metadata ?? {}
  if (name === 'default') return 'every namespace has a service account named default'
  const generated = annotationsOfTokenControllers(account)
  const pullSecret = generated.includes(pullSecretAnnotation) ? annotations[pullSecretAnnotation] : undefined
  const ours = [...ourAnnotations(account), ...ourLabels(account), ...generated]
  const foreignSecrets = (list: readonly { name?: string }[] | undefined) =>
    references(list).filter(secret => secret !== pullSecret && !isGenerated(secret, name))
  const foreign = (keys: readonly string[]) => keys.filter(key => !ours.includes(key))
  const holdings: readonly (readonly [string, readonly string[]])[] = [
    ['labels', foreign(Object.keys(labels))],
    ['annotations', foreign(Object.keys(annotations))],
    ['imagePullSecrets', foreignSecrets(account.imagePullSecrets)],
    ['secrets', foreignSecrets(account.secrets)],
    ['owners', ownerReferences.map(owner => `${owner.kind}/${owner.name}`)],
    ['finalizers', finalizers],
    ['settings', account.automountServiceAccountToken === undefined ? [] : ['automountServiceAccountToken']]
  ]
  const held = holdings.filter(([, items]) => items.length > 0).map(([what, items]) => `${what} ${items.join(', ')}`)
  return held.length === 0 ? undefined : `it holds ${held.join('; ')} of others`
}

const references = (list: readonly { name?: string }[] | undefined): string[] =>
  (list ?? []).map(({ name }) => name ?? '')

/** Reports whether a secret was generated. Kubernetes before 1.24 and OpenShift add token and registry secrets to every service account. */
function isGenerated(secret: string, account = ''): boolean {
  return secret.startsWith(`${account}-`) && /^(token|dockercfg)-[a-z0-9]{5}$/.test(secret.slice(account.length + 1))
}

/** Returns why the service account must stay. Undefined if azwi created it and is its only manager. */
export function whyAccountStays(account: ServiceAccount): string | undefined {
  const held = belongsToOthers(account)
  if (held !== undefined) return held
  if (!madeByUs(account)) return 'it was not made by azwi'
  if (!hasManagers(account)) return 'the API server does not say who manages it'
  const managers = otherManagers(account).map(({ name }) => name)
  return managers.length === 0 ? undefined : `it is also managed by ${[...new Set(managers)].join(', ')}`
}

/** Returns the annotations and labels of azwi that no other manager owns too. */
export function removableFrom(account: ServiceAccount): { annotations: string[]; labels: string[] } {
  const others = otherManagers(account)
  return {
    annotations: ourAnnotations(account).filter(key => !others.some(({ annotations }) => annotations.includes(key))),
    labels: ourLabels(account).filter(key => !others.some(({ labels }) => labels.includes(key)))
  }
}

/**
 * Reports whether azwi put the label of its set on the service account, according to `managedFields`. Everyone who can edit the service account can add
 * the label, so that the label alone proves nothing.
 */
function isSetOurs(account: ServiceAccount): boolean {
  return appliedLabels(account).includes(setLabel)
}

/** Returns why a prune leaves a service account alone although it bears the label of a set. Undefined: azwi put the label there. */
export function whyNotInSet(account: ServiceAccount): string | undefined {
  if (isSetOurs(account)) return undefined
  return hasManagers(account)
    ? `azwi did not put the label ${setLabel} on it`
    : `the API server does not say who put the label ${setLabel} on it`
}

/** Says which other managers own the client ID. They would write it again after a delete. */
export function clientIdOwners(account: ServiceAccount | undefined): string[] {
  if (account === undefined) return []
  return otherManagers(account)
    .filter(({ annotations }) => annotations.includes(annotation.clientId))
    .map(({ name }) => `the field manager ${name} owns the client ID: remove it from the manifest`)
}
