import { UsageError } from '../errors.js'
import { setLabel } from '../domain/annotations.js'
import { type Path, type Place, placeText, type WorkloadDocument } from './document.js'
import { makingOf, sharingKey } from './sharing.js'
import type { IdentityContent, WorkloadContent, WorkloadsContent } from './validate.js'

/** A text as on the command line; or records, which a text would tear at their commas. */
type Flag = string | Readonly<Record<string, string>> | WorkloadContent['roles']

/** One service account that is to be connected, with the flags that a single `create` of it would have been given. */
export interface Workload {
  readonly namespace: string
  readonly name: string
  readonly flags: Readonly<Record<string, Flag>>
  /** The same for all that share an identity; undefined where the identity is the service account's own. */
  readonly sharedIdentity: string | undefined
  /** What its managed identity is made with: the same for all that share it. */
  readonly making: string
  readonly set: string | undefined
  readonly place: Place
  /** Where the file says what one of the flags was made from, and under which name. */
  readonly fieldOf: (flag: string) => { readonly name: string; readonly place: Place } | undefined
}

/** From which field each flag is made. */
const fields: Readonly<Record<string, Path>> = {
  serviceAccountName: ['name'],
  serviceAccountNamespace: ['namespace'],
  serviceAccountIssuerUrl: ['issuer'],
  serviceAccountTokenExpiration: ['tokenExpiration'],
  audience: ['audience'],
  labels: ['labels'],
  grant: ['roles'],
  aadApplicationName: ['identity', 'application', 'name'],
  aadApplicationClientId: ['identity', 'application', 'clientId'],
  aadApplicationObjectId: ['identity', 'application', 'objectId'],
  managedIdentityName: ['identity', 'managedIdentity', 'name'],
  managedIdentityResourceGroup: ['identity', 'managedIdentity', 'resourceGroup'],
  managedIdentityLocation: ['identity', 'managedIdentity', 'location'],
  managedIdentityTags: ['identity', 'managedIdentity', 'tags'],
  managedIdentityResourceId: ['identity', 'managedIdentity', 'resourceId']
}

/** The workloads of a document: defaults filled in, one for each namespace. */
export function workloadsOf(document: WorkloadDocument, content: WorkloadsContent): Workload[] {
  return content.workloads.flatMap((own, index) => {
    const workload = {
      ...content.defaults,
      ...own,
      labels: { ...content.defaults?.labels, ...own.labels },
      roles: [...(content.defaults?.roles ?? []), ...(own.roles ?? [])]
    }
    const place = document.placeOf(['workloads', index])
    if (own.namespace !== undefined && own.namespaces !== undefined) {
      throw new UsageError(
        `${placeText(place)}: the workload has both namespace and namespaces`,
        'leave one of them out'
      )
    }
    const fieldOf = (flag: string): ReturnType<Workload['fieldOf']> => {
      const path = fields[flag]
      return path === undefined
        ? undefined
        : { name: path.join('.'), place: placeOfField(document, content, index, path) }
    }
    return namespacesOf(own, content.defaults).map(namespace => ({
      namespace,
      name: own.name,
      place,
      fieldOf,
      set: content.set,
      sharedIdentity: workload.identity === undefined ? undefined : sharingKey(workload.identity),
      making: makingOf(workload.identity?.managedIdentity),
      flags: flagsOf(namespace, own.name, workload, content.set)
    }))
  })
}

/** In the workload itself, else in the defaults. */
function placeOfField(
  document: WorkloadDocument,
  { defaults = {}, workloads }: WorkloadsContent,
  index: number,
  [first = '', ...rest]: Path
): Place {
  const keyIn = (content: WorkloadContent = {}): string | undefined =>
    (first === 'namespace' ? ['namespaces', 'namespace'] : [String(first)]).find(key => key in content)
  const [own, common] = [keyIn(workloads[index]), keyIn(defaults)]
  if (own !== undefined || common === undefined) return document.placeOf(['workloads', index, own ?? first, ...rest])
  return document.placeOf(['defaults', common, ...rest])
}

function namespacesOf(own: WorkloadContent, defaults: WorkloadContent = {}): readonly string[] {
  if (own.namespaces !== undefined || own.namespace !== undefined) return own.namespaces ?? [own.namespace ?? '']
  return defaults.namespaces ?? [defaults.namespace ?? 'default']
}

function flagsOf(
  namespace: string,
  name: string,
  { identity, issuer, audience, tokenExpiration, labels = {}, roles = [] }: WorkloadContent,
  set: string | undefined
): Workload['flags'] {
  const all = set === undefined ? labels : { ...labels, [setLabel]: set }
  return given({
    serviceAccountName: name,
    serviceAccountNamespace: namespace,
    serviceAccountIssuerUrl: issuer,
    serviceAccountTokenExpiration: tokenExpiration === undefined ? undefined : String(tokenExpiration),
    audience,
    labels: filled(all),
    grant: roles.length === 0 ? undefined : roles,
    ...identityFlags(identity)
  })
}

function identityFlags({ application = {}, managedIdentity = {} }: IdentityContent = {}): Record<
  string,
  Flag | undefined
> {
  return {
    aadApplicationName: application.name,
    aadApplicationClientId: application.clientId,
    aadApplicationObjectId: application.objectId,
    managedIdentityName: managedIdentity.name,
    managedIdentityResourceGroup: managedIdentity.resourceGroup,
    managedIdentityLocation: managedIdentity.location,
    managedIdentityTags: filled(managedIdentity.tags ?? {}),
    managedIdentityResourceId: managedIdentity.resourceId
  }
}

const filled = (entries: Readonly<Record<string, string>>): typeof entries | undefined =>
  Object.keys(entries).length === 0 ? undefined : entries

function given<T>(flags: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(flags).filter((entry): entry is [string, T] => entry[1] !== undefined))
}
