import { UsageError } from '../errors.js'
import { mostCredentials } from '../identity/federated-credential.js'
import { placeText } from './document.js'
import type { Workload } from './workload.js'

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
