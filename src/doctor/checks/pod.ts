import type { Evidence } from '../evidence/model.js'
import { type PodGroup, podGroups } from '../evidence/pod-group.js'
import { type CheckName, type Finding, skipped } from '../finding.js'
import { ageCheck } from './pod-age.js'
import { containersCheck } from './pod-containers.js'
import { environmentCheck } from './pod-environment.js'
import { labelCheck } from './pod-label.js'
import { serviceAccountCheck } from './pod-service-account.js'
import { tokenVolumeCheck } from './pod-token.js'

/** Checks that the webhook prepares the pods as it should: one finding for each check and pod group. */
export function podChecks(evidence: Evidence): Finding[] {
  const { account, workloads, pods } = evidence.account
  if (account === null) return [skipped('pod-label', 'because the service account is not there')]
  const unread = [
    ...('unread' in workloads
      ? [skipped('pod-label', `the templates of workloads could not be looked at: ${workloads.unread}`)]
      : []),
    ...('unread' in pods ? [skipped('pod-label', `the pods could not be looked at: ${pods.unread}`)] : [])
  ]
  const findings = [...podGroups(evidence).flatMap(group => groupChecks(evidence, group)), ...unread]
  return findings.length > 0 ? findings : [skipped('pod-label', 'no pod uses it yet')]
}

/** Skips the checks that cannot succeed because the service account or the label is wrong. */
function groupChecks(evidence: Evidence, group: PodGroup): Finding[] {
  const contentChecks = ['pod-age', 'pod-environment', 'pod-token-volume', 'pod-containers'] as const
  const skipAll = (checks: readonly CheckName[], reason: string): Finding[] =>
    checks.map(check => skipped(check, reason, group.kubectlName))
  const account = serviceAccountCheck(evidence, group)
  if (account.outcome === 'fail')
    return [account, ...skipAll(['pod-label', ...contentChecks], 'because it uses another service account')]
  const label = labelCheck(evidence, group)
  if (label.outcome === 'fail') return [account, label, ...skipAll(contentChecks, 'because the label is not there')]
  const { pods } = evidence.account
  if ('unread' in pods)
    return [
      account,
      label,
      ...skipAll(contentChecks.slice(0, 3), `the pods could not be looked at: ${pods.unread}`),
      containersCheck(group)
    ]
  return [
    account,
    label,
    ageCheck(evidence, group),
    environmentCheck(evidence, group),
    tokenVolumeCheck(evidence, group),
    containersCheck(group)
  ]
}
