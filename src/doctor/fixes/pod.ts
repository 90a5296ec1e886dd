import type { V1Pod } from '@kubernetes/client-node'
import { shellQuoted } from '../../errors.js'
import type { Case } from '../evidence/model.js'
import type { FindingDetails } from '../checks/finding.js'
import { type PodGroup, podGroups, podName } from '../checks/pod-group.js'

/** What `kubectl patch` can change the template of; that of a job cannot be changed once it is there (Kubernetes API reference, JobSpec). */
const patchable = ['deployment', 'statefulset', 'daemonset', 'cronjob']

const inNamespace = ({ namespace }: PodGroup): string => `--namespace ${shellQuoted(namespace)}`

/** Lines that make pods anew from the template as it is; none for a pod that stands alone. */
export function remade(group: PodGroup, pods: readonly V1Pod[]): string[] {
  const { kind, of, workload } = group
  if (kind === 'pod') return []
  if (!['deployment', 'statefulset', 'daemonset'].includes(kind) || waitsForDeletion(group)) {
    return pods.map(pod => `kubectl delete pod ${shellQuoted(podName(pod))} ${inNamespace(group)}`)
  }
  const spec = workload?.object.spec
  const paused = spec !== undefined && 'paused' in spec && spec.paused
  return [
    ...(paused ? [`kubectl rollout resume ${shellQuoted(of)} ${inNamespace(group)}`] : []),
    `kubectl rollout restart ${shellQuoted(of)} ${inNamespace(group)}`
  ]
}

/** Lines that make all pods of the service account anew, once what the webhook writes into them has changed; for the end of other fixes. */
export function remadeOf(of: Case): string[] {
  return podGroups(of).flatMap(group => (group.pods.length > 0 ? remade(group, group.pods) : []))
}

/** `remade`, with what is to be said where no line can do it. */
export function remaking(group: PodGroup, pods: readonly V1Pod[] = group.pods): FindingDetails {
  const fix = remade(group, pods)
  return fix.length > 0 ? { fix } : { details: [alone] }
}

const alone = 'it stands alone, so that nothing makes it anew: delete it and create it again from its manifest'

/** How a template is changed, such as `{ metadata: { labels } }`; `what` says it in words, for those that no line can change. */
export function mending(
  group: PodGroup,
  template: object,
  what: string,
  type: 'merge' | 'strategic' = 'merge'
): FindingDetails {
  const { kind, name, of } = group
  if (kind === 'pod') return { details: [`${alone}, with ${what}`] }
  if (kind === 'job')
    return { details: [`a job's template cannot be changed: delete ${of} and create it again, with ${what}`] }
  if (!patchable.includes(kind))
    return { details: [`change the template that ${of} makes its pods from, so that it has ${what}`] }
  const spec = { template }
  const patch = JSON.stringify({ spec: kind === 'cronjob' ? { jobTemplate: { spec } } : spec })
  const line = `kubectl patch ${kind} ${shellQuoted(name)} ${inNamespace(group)} --type ${type} --patch ${shellQuoted(patch)}`
  return { fix: [line, ...(waitsForDeletion(group) ? remade(group, group.pods) : [])] }
}

/** Whether pods of the old template stay until somebody deletes them (Kubernetes API reference, updateStrategy OnDelete). */
function waitsForDeletion({ workload }: PodGroup): boolean {
  const spec = workload?.object.spec
  return spec !== undefined && 'updateStrategy' in spec && spec.updateStrategy.type === 'OnDelete'
}
