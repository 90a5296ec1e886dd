import type { V1Pod } from '@kubernetes/client-node'
import { shellQuoted } from '../../errors.js'
import type { Evidence } from '../evidence/model.js'
import { type PodGroup, podGroups, podName } from '../evidence/pod-group.js'
import type { FindingDetails } from '../finding.js'

/** The kinds whose template can be patched. The template of a job is immutable (Kubernetes API reference, JobSpec). */
const patchable = ['deployment', 'statefulset', 'daemonset', 'cronjob']

const standalone = 'it stands alone, so that nothing creates it again: delete it and create it again from its manifest'

const inNamespace = ({ namespace }: PodGroup): string => `--namespace ${shellQuoted(namespace)}`

/** Returns the lines that recreate pods from their current template. Empty for a standalone pod. */
export function recreatePodsLines(group: PodGroup, pods: readonly V1Pod[]): string[] {
  const { kind, kubectlName, workload } = group
  if (kind === 'pod') return []
  if (!['deployment', 'statefulset', 'daemonset'].includes(kind) || updatesOnDelete(group)) {
    return pods.map(pod => `kubectl delete pod ${shellQuoted(podName(pod))} ${inNamespace(group)}`)
  }
  const spec = workload?.object.spec
  const isPaused = spec !== undefined && 'paused' in spec && spec.paused
  return [
    ...(isPaused ? [`kubectl rollout resume ${shellQuoted(kubectlName)} ${inNamespace(group)}`] : []),
    `kubectl rollout restart ${shellQuoted(kubectlName)} ${inNamespace(group)}`
  ]
}

/** Returns the lines that recreate all pods of the service account. Needed after a fix that changes what the webhook writes into them. */
export function recreateAllPodsLines(evidence: Evidence): string[] {
  return podGroups(evidence).flatMap(group => (group.pods.length > 0 ? recreatePodsLines(group, group.pods) : []))
}

/** Returns the fix that recreates pods, or instructions if no line can do it. */
export function recreatePodsFix(group: PodGroup, pods: readonly V1Pod[] = group.pods): FindingDetails {
  const fix = recreatePodsLines(group, pods)
  return fix.length > 0 ? { fix } : { details: [standalone] }
}

/**
 * Returns the fix that patches a pod template, such as with `{ metadata: { labels } }`. `description` names the change in the instructions for
 * templates that no line can patch.
 */
export function patchTemplateFix(
  group: PodGroup,
  template: object,
  description: string,
  type: 'merge' | 'strategic' = 'merge'
): FindingDetails {
  const { kind, name, kubectlName } = group
  if (kind === 'pod') return { details: [`${standalone}, with ${description}`] }
  if (kind === 'job')
    return {
      details: [`a job's template cannot be changed: delete ${kubectlName} and create it again, with ${description}`]
    }
  if (!patchable.includes(kind))
    return { details: [`change the template that ${kubectlName} creates its pods from, so that it has ${description}`] }
  const spec = { template }
  const patch = JSON.stringify({ spec: kind === 'cronjob' ? { jobTemplate: { spec } } : spec })
  const line = `kubectl patch ${kind} ${shellQuoted(name)} ${inNamespace(group)} --type ${type} --patch ${shellQuoted(patch)}`
  return { fix: [line, ...(updatesOnDelete(group) ? recreatePodsLines(group, group.pods) : [])] }
}

/** Returns the fix that makes pods run as a service account. */
export function setServiceAccountFix(group: PodGroup, account: string): FindingDetails {
  const patchFix = patchTemplateFix(group, { spec: { serviceAccountName: account } }, `serviceAccountName: ${account}`)
  const { kind, name } = group
  // `kubectl set serviceaccount` does not support cron jobs.
  if (patchFix.fix === undefined || kind === 'cronjob') return patchFix
  return {
    fix: [
      `kubectl set serviceaccount ${kind} ${shellQuoted(name)} ${shellQuoted(account)} ${inNamespace(group)}`,
      ...patchFix.fix.slice(1)
    ]
  }
}

/** Reports whether old pods stay until somebody deletes them (Kubernetes API reference, updateStrategy OnDelete). */
function updatesOnDelete({ workload }: PodGroup): boolean {
  const spec = workload?.object.spec
  return spec !== undefined && 'updateStrategy' in spec && spec.updateStrategy.type === 'OnDelete'
}
