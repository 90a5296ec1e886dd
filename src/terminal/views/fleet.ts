import type { MemberResult } from '../../engine/fleet.js'
import type { ObjectKind } from '../../engine/phase.js'
import { changesSomething, flowView } from './flow.js'
import type { View } from '../format.js'
import { errorData } from '../report-error.js'

/** The result for one workload, in a word. */
export type MemberVerdict = 'failed' | 'created' | 'updated' | 'deleted' | 'unchanged'

/** Returns the result for one workload, in a word. */
export function verdictOf({ changes, failures }: MemberResult): MemberVerdict {
  if (failures.length > 0) return 'failed'
  if (!changesSomething(changes)) return 'unchanged'
  const [account] = changes.filter(({ kind }) => kind.part === 'service-account')
  if (account?.action === 'create') return 'created'
  return account?.action === 'delete' || account?.action === 'strip' ? 'deleted' : 'updated'
}

/** Renders the result of apply, in the shape of docs/output.md. */
export function fleetView(
  results: readonly MemberResult[],
  kinds: readonly ObjectKind[],
  dryRun: boolean
): View & { readonly summary: Readonly<Record<MemberVerdict | 'workloads', number>> } {
  const summary = { workloads: results.length, created: 0, updated: 0, deleted: 0, unchanged: 0, failed: 0 }
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
    return { name: result.member.key, result: verdict, ...(data as object) }
  })
  return {
    text: '',
    data: { ...(dryRun ? { dryRun } : {}), summary, workloads },
    names: results.map(({ member }) => `serviceaccount/${member.key}`),
    summary
  }
}
