import { maxCredentials } from '../domain/credential.js'
import { UsageError } from '../errors.js'
import { placeText } from './document.js'
import type { Workload } from './workload.js'

/** Throws a UsageError if two workloads create one managed identity with different settings: the first would decide. */
export function refuseConflictingIdentities(workloads: readonly Workload[]): void {
  const firsts = new Map<string, Workload>()
  for (const workload of workloads) {
    if (workload.sharedIdentity === undefined) continue
    const first = firsts.get(workload.sharedIdentity)
    firsts.set(workload.sharedIdentity, first ?? workload)
    if (first === undefined || first.creationKey === workload.creationKey) continue
    const [place, other] = [workload, first].map(({ fieldOf, place }) =>
      placeText(fieldOf('managedIdentityName')?.place ?? place)
    )
    throw new UsageError(
      `${place}: the same managed identity has another location or other tags at ${other}`,
      'give it the same location and tags in both, or another name'
    )
  }
}

/** Throws a UsageError if more workloads share an identity than Entra allows credentials for one. */
export function refuseTooManyCredentials(workloads: readonly Workload[]): void {
  const byIdentity = new Map<string, Workload[]>()
  for (const workload of workloads) {
    if (workload.sharedIdentity === undefined) continue
    byIdentity.set(workload.sharedIdentity, [...(byIdentity.get(workload.sharedIdentity) ?? []), workload])
  }
  for (const sharing of byIdentity.values()) {
    const firstTooMany = sharing[maxCredentials]
    if (firstTooMany === undefined) continue
    throw new UsageError(
      `${placeText(firstTooMany.place)}: ${sharing.length} workloads share one identity, and Entra takes no more than ${maxCredentials} federated identity credentials`,
      'let some of them use another identity'
    )
  }
}
