import { setLabel } from '../identity/annotations.js'
import type { Place, WorkloadDocument } from './document.js'
import type { IdentityContent, WorkloadContent, WorkloadsContent } from './validate.js'

/** One service account that is to be connected, with the flags that a single `create` of it would have been given. */
export interface Workload {
  readonly namespace: string
  readonly name: string
  readonly flags: Readonly<Record<string, string | readonly string[]>>
  /** The same for all that share an identity; undefined where the identity is the service account's own. */
  readonly sharedIdentity: string | undefined
  readonly set: string | undefined
  readonly place: Place
}

/** The workloads of a document: defaults filled in, one for each namespace. */
export function workloadsOf(document: WorkloadDocument, content: WorkloadsContent): Workload[] {
  return content.workloads.flatMap((own, index) => {
    const workload = { ...content.defaults, ...own, labels: { ...content.defaults?.labels, ...own.labels }, roles: [...content.defaults?.roles ?? [], ...own.roles ?? []] }
    const place = document.placeOf(['workloads', index])
    return namespacesOf(own, content.defaults).map(namespace => ({
      namespace, name: own.name, place, set: content.set,
      sharedIdentity: workload.identity === undefined ? undefined : JSON.stringify(workload.identity),
      flags: flagsOf(namespace, own.name, workload, content.set)
    }))
  })
}

function namespacesOf(own: WorkloadContent, defaults: WorkloadContent = {}): readonly string[] {
  if (own.namespaces !== undefined || own.namespace !== undefined) return own.namespaces ?? [own.namespace ?? '']
  return defaults.namespaces ?? [defaults.namespace ?? 'default']
}

function flagsOf(namespace: string, name: string, { identity, issuer, audience, tokenExpiration, labels = {}, roles = [] }: WorkloadContent, set: string | undefined): Workload['flags'] {
  const all = set === undefined ? labels : { ...labels, [setLabel]: set }
  return given({
    serviceAccountName: name,
    serviceAccountNamespace: namespace,
    serviceAccountIssuerUrl: issuer,
    serviceAccountTokenExpiration: tokenExpiration === undefined ? undefined : String(tokenExpiration),
    audience,
    labels: pairs(all),
    grant: roles.length === 0 ? undefined : roles.map(({ role, scope }) => `${role}=${scope}`),
    ...identityFlags(identity)
  })
}

function identityFlags({ application = {}, managedIdentity = {} }: IdentityContent = {}): Record<string, string | undefined> {
  return {
    aadApplicationName: application.name, aadApplicationClientId: application.clientId, aadApplicationObjectId: application.objectId,
    managedIdentityName: managedIdentity.name, managedIdentityResourceGroup: managedIdentity.resourceGroup, managedIdentityLocation: managedIdentity.location,
    managedIdentityTags: pairs(managedIdentity.tags ?? {}), managedIdentityResourceId: managedIdentity.resourceId
  }
}

function pairs(entries: Readonly<Record<string, string>>): string | undefined {
  const list = Object.entries(entries).map(([key, value]) => `${key}=${value}`)
  return list.length === 0 ? undefined : list.join(',')
}

function given<T>(flags: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(flags).filter((entry): entry is [string, T] => entry[1] !== undefined))
}
