import type { Case } from '../evidence/model.js'
import { type CheckName, type Finding, skipped } from './finding.js'
import { ageCheck } from './pod-age.js'
import { containersCheck, environmentCheck } from './pod-environment.js'
import { type PodGroup, podGroups } from './pod-group.js'
import { labelCheck } from './pod-label.js'
import { serviceAccountCheck } from './pod-service-account.js'
import { tokenVolumeCheck } from './pod-token.js'

/** Whether the pods get what the webhook should give them: a finding for each check and workload. */
export function podChecks(of: Case): Finding[] {
  const { account, workloads, pods } = of.account
  if (account === null) return [skipped('pod-label', 'because the service account is not there')]
  const unread = [
    ...('unread' in workloads
      ? [skipped('pod-label', `the templates of workloads could not be looked at: ${workloads.unread}`)]
      : []),
    ...('unread' in pods ? [skipped('pod-label', `the pods could not be looked at: ${pods.unread}`)] : [])
  ]
  const found = [...podGroups(of).flatMap(group => checksOf(of, group)), ...unread]
  return found.length > 0 ? found : [skipped('pod-label', 'no pod uses it yet')]
}

/** Where the account or the label is wrong, what depends on it is not told again. */
function checksOf(of: Case, group: PodGroup): Finding[] {
  const inside = ['pod-age', 'pod-environment', 'pod-token-volume', 'pod-containers'] as const
  const rest = (checks: readonly CheckName[], why: string): Finding[] =>
    checks.map(check => skipped(check, why, group.of))
  const account = serviceAccountCheck(of, group)
  if (account.outcome === 'fail')
    return [account, ...rest(['pod-label', ...inside], 'because it uses another service account')]
  const label = labelCheck(of, group)
  if (label.outcome === 'fail') return [account, label, ...rest(inside, 'because the label is not there')]
  const { pods } = of.account
  if ('unread' in pods)
    return [
      account,
      label,
      ...rest(inside.slice(0, 3), `the pods could not be looked at: ${pods.unread}`),
      containersCheck(group)
    ]
  return [
    account,
    label,
    ageCheck(of, group),
    environmentCheck(of, group),
    tokenVolumeCheck(of, group),
    containersCheck(group)
  ]
}
