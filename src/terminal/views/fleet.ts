import type { MemberResult } from '../../engine/fleet.js'
import type { Change, ObjectKind } from '../../engine/phase.js'
import { changesSomething, flowView } from './flow.js'
import type { View } from '../format.js'
import { errorData } from '../report-error.js'

/** The result for one workload, in a word. */
export type MemberVerdict = 'failed' | 'created' | 'updated' | 'deleted' | 'unchanged'

/** Returns the result for one workload, in a word. */
export function verdictOf({ changes, failures, leftovers = [] }: MemberResult): MemberVerdict {
  if (failures.length > 0) return 'failed'
  if (!changesSomething(changes)) return leftovers.some(changesSomething) ? 'updated' : 'unchanged'
  const [account] = changes.filter(({ kind }) => kind.part === 'service-account')
  if (account?.action === 'create') return 'created'
  return account?.action === 'delete' || account?.action === 'strip' ? 'deleted' : 'updated'
}

/** The number of workloads with each result, and in a dry run the number of objects that are left over. */
export type FleetSummary = Readonly<Record<MemberVerdict | 'workloads', number>> & { readonly leftovers?: number }

/** Renders the result of apply, in the shape of docs/output.md. */
export function fleetView(
  results: readonly MemberResult[],
  kinds: readonly ObjectKind[],
  dryRun: boolean
): View & { readonly summary: FleetSummary } {
  const summary = { workloads: results.length, created: 0, updated: 0, deleted: 0, unchanged: 0, failed: 0 }
  let leftoverCount = 0
  const workloads = results.map(result => {
    const verdict = verdictOf(result)
    summary[verdict] += 1
    const { data } = flowView({
      kinds,
      changes: result.changes,
      skipped: result.skipped,
      errors: result.failures.map(errorData),
      dryRun: false
    })
    const leftovers = (result.leftovers ?? []).map(changes => leftoverData(changes, kinds))
    leftoverCount += (result.leftovers ?? []).flat().filter(({ action }) => action === 'leftover').length
    return {
      name: result.member.key,
      result: verdict,
      ...(data as object),
      ...(leftovers.length > 0 ? { leftovers } : {})
    }
  })
  // Only a dry run looks for what is left over and leaves it there.
  const fullSummary = { ...summary, ...(dryRun ? { leftovers: leftoverCount } : {}) }
  return {
    text: '',
    data: { ...(dryRun ? { dryRun } : {}), summary: fullSummary, workloads },
    names: results.map(({ member }) => `serviceaccount/${member.key}`),
    summary: fullSummary
  }
}

/** Renders one part of what a workload no longer needs, with the fields of a delete. */
const leftoverData = (changes: readonly Change[], kinds: readonly ObjectKind[]): unknown =>
  flowView({ kinds, changes, skipped: [], errors: [], dryRun: false }).data

/** Reports whether azwi has created something for a workload that it no longer needs. */
export const hasLeftovers = ({ leftovers = [] }: MemberResult): boolean => leftovers.some(changes => changes.length > 0)
