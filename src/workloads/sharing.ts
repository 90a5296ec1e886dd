import { UsageError } from '../errors.js'
import { placeText } from './document.js'
import type { IdentityContent } from './validate.js'
import type { Workload } from './workload.js'
import { mostCredentials } from '../domain/credential.js'

type ManagedIdentity = NonNullable<IdentityContent['managedIdentity']>

/** The same for every way to write one identity: Azure and Entra do not look at letter case. Location and tags are not what it is known by. */
export function sharingKey({ application = {}, managedIdentity }: IdentityContent): string {
  const { name, resourceGroup, resourceId } = managedIdentity ?? {}
  const parts =
    managedIdentity === undefined
      ? [application.name, application.clientId, application.objectId]
      : ['managed', name, resourceGroup, resourceId]
  return JSON.stringify(parts.map(part => part?.toLowerCase()))
}

/** What a managed identity is made with. The same for every way to write it. */
export function makingOf({ location, tags = {} }: ManagedIdentity = {}): string {
  const sorted = Object.entries(tags)
    .map(([name, value]) => [name.toLowerCase(), value])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return JSON.stringify([location?.replaceAll(' ', '').toLowerCase(), sorted])
}

/** Throws a UsageError where two would have one managed identity made differently: which of them came first would decide. */
export function refuseDisagreements(workloads: readonly Workload[]): void {
  const seen = new Map<string, Workload>()
  for (const workload of workloads) {
    if (workload.sharedIdentity === undefined) continue
    const first = seen.get(workload.sharedIdentity)
    seen.set(workload.sharedIdentity, first ?? workload)
    if (first === undefined || first.making === workload.making) continue
    const [own, other] = [workload, first].map(each =>
      placeText(each.fieldOf('managedIdentityName')?.place ?? each.place)
    )
    throw new UsageError(
      `${own}: the same managed identity has another location or other tags at ${other}`,
      'give it the same location and tags in both, or another name'
    )
  }
}

/** Throws a UsageError where more workloads share an identity than it can have credentials: Entra would take the first of them, and refuse the rest. */
export function refuseCrowds(workloads: readonly Workload[]): void {
  const sharers = new Map<string, Workload[]>()
  for (const workload of workloads) {
    if (workload.sharedIdentity === undefined) continue
    sharers.set(workload.sharedIdentity, [...(sharers.get(workload.sharedIdentity) ?? []), workload])
  }
  for (const crowd of sharers.values()) {
    const first = crowd[mostCredentials]
    if (first === undefined) continue
    throw new UsageError(
      `${placeText(first.place)}: ${crowd.length} workloads share one identity, and Entra takes no more than ${mostCredentials} federated identity credentials`,
      'let some of them use another identity'
    )
  }
}
