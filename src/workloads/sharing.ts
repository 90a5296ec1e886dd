import { workloadFields } from '../config/options.js'
import { maxCredentials } from '../domain/credential.js'
import { UsageError } from '../errors.js'
import { type IdentityContent, valueAt } from './content.js'
import { placeText } from './document.js'
import type { Workload } from './workload.js'

const identityFields = workloadFields.filter(({ path }) => path.startsWith('identity.'))

/** Returns a key that is the same for every spelling of one identity. Azure and Entra ignore letter case. */
export function identityKey(identity: IdentityContent): string {
  const identifying = identityFields.filter(({ identifies }) => identifies !== undefined)
  return JSON.stringify(
    identifying.map(({ path }) => (valueAt({ identity }, path) as string | undefined)?.toLowerCase())
  )
}

/** Returns a key of the settings that a new identity is created with, such as location and tags; the same for every spelling. */
export function creationKey(identity: IdentityContent = {}): string {
  const others = identityFields.filter(({ identifies }) => identifies === undefined)
  return JSON.stringify(others.map(({ path }) => normalized(valueAt({ identity }, path))))
}

/** Azure ignores spaces and letter case in a location, and letter case in the names of tags. */
function normalized(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(' ', '').toLowerCase()
  return Object.entries(value ?? {})
    .map(([name, text]) => [name.toLowerCase(), text] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

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
