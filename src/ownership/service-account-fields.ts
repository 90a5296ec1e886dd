import type { ServiceAccount } from '../clients/kubernetes/client.js'
import { annotation, ownLabelPrefix } from '../domain/annotations.js'
import { type FieldOwners, hasManagers, madeByUs, ownersOf } from './service-account.js'

/** Values by key. Undefined removes a value that azwi wrote earlier. */
export type Values = Readonly<Record<string, string | undefined>>

/** The annotations and labels that create wants on a service account. */
export interface WantedFields {
  readonly annotations: Values
  readonly labels: Values
  /** The keys whose value the user gave. Only these replace a value of others, apart from keys that begin with `azwi/`. */
  readonly given: ReadonlySet<string>
}

/** An annotation or a label that differs from what create wants. Undefined means that it does not exist. */
interface FieldDifference {
  readonly field: string
  readonly from: string | undefined
  readonly to: string | undefined
}

/** A client ID or tenant ID that others set to another value. */
export interface FieldConflict {
  readonly field: string
  readonly value: string
  readonly owners: readonly string[]
}

/** What create writes to a service account. */
export interface FieldDecision {
  readonly differences: readonly FieldDifference[]
  /** The annotations and labels to apply. Leaves out those of others that stay as they are, so that azwi does not become an owner of them. */
  readonly annotations: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** Whether only a forced apply can replace the values, because an apply of azwi is not their only owner. */
  readonly needsForce: boolean
  /** What create must not replace without `--adopt`. */
  readonly conflicts: readonly FieldConflict[]
}

/** The annotations that decide which identity the service account is connected to. Entra ignores their letter case. */
const connectionFields: readonly string[] = [annotation.clientId, annotation.tenantId]

type Section = 'annotations' | 'labels'

/** Decides what create writes to a service account, from its values and from who owns them. docs/ownership.md has the rules as a table. */
export function decideFields(account: ServiceAccount | undefined, wanted: WantedFields): FieldDecision {
  const differences: FieldDifference[] = []
  const conflicts: FieldConflict[] = []
  const applied = { annotations: {} as Record<string, string>, labels: {} as Record<string, string> }
  let needsForce = false
  const decide = (section: Section, field: string, to: string | undefined): void => {
    const from = account?.metadata?.[section]?.[field]
    if (account === undefined || from === undefined) {
      if (to === undefined) return
      applied[section][field] = to
      differences.push({ field, from, to })
      return
    }
    const owners = ownersOf(account, section, field)
    if (to === undefined) {
      if (isRemovable(account, owners)) differences.push({ field, from, to })
      return
    }
    if (isSame(field, from, to)) {
      // An apply without a field that azwi applied earlier removes it. Without managed fields, azwi might have applied it.
      if (owners.isOurs || !hasManagers(account)) applied[section][field] = from
      return
    }
    if (isOthers(account, owners) && from.trim() !== '') {
      if (connectionFields.includes(field)) conflicts.push({ field, value: from, owners: owners.others })
      else if (!wanted.given.has(field) && !field.startsWith(ownLabelPrefix)) return
    }
    applied[section][field] = to
    differences.push({ field, from, to })
    needsForce ||= !owners.isOnlyApplied
  }
  for (const section of ['annotations', 'labels'] as const)
    for (const [field, to] of Object.entries(wanted[section])) decide(section, field, to)
  return { ...applied, differences, needsForce, conflicts }
}

/** A value without a known owner belongs to azwi only on a service account that azwi created. */
const isOthers = (account: ServiceAccount, { isOurs, others }: FieldOwners): boolean =>
  others.length > 0 || (!isOurs && !madeByUs(account))

/** Reports whether an apply without the field removes it. */
const isRemovable = (account: ServiceAccount, { isOnlyApplied }: FieldOwners): boolean =>
  hasManagers(account) ? isOnlyApplied : madeByUs(account)

const isSame = (field: string, from: string, to: string): boolean =>
  from === to || (connectionFields.includes(field) && from.toLowerCase() === to.toLowerCase())
