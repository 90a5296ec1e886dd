import type { V1Container, V1EnvVar, V1ObjectMeta, V1Pod, V1PodSpec, V1PodTemplateSpec } from '@kubernetes/client-node'
import { groupBy } from '../../collections.js'
import type { Evidence, PodEvidence } from './model.js'
import { containersOf, skippedContainers } from './pod-spec.js'
import { templateOf, type Workload } from './workload.js'

export type Labels = Readonly<Record<string, string>>

/** The template that the pods of a group are created from. */
export interface Template {
  readonly labels: Labels
  readonly annotations: Labels
  readonly spec: V1PodSpec | undefined
}

/** The live pods that were created from the same template, or one standalone pod. */
export interface PodGroup {
  /** Kind and name as in kubectl: `deployment/shop`. */
  readonly kubectlName: string
  /** In lower case. `pod` for a standalone pod. */
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Undefined for a standalone pod, and for an owner that the doctor does not read. */
  readonly workload: Workload | undefined
  /** The template of the workload. For a standalone pod, the pod itself. Undefined for an owner that the doctor does not read. */
  readonly template: Template | undefined
  /** Without pods that have ended or are being deleted. */
  readonly pods: readonly V1Pod[]
}

/**
 * Groups the pods of a service account by what created them: first the workloads, even those without a pod, then other owners and standalone
 * pods. Leaves out finished jobs. The pods of a cron job's jobs belong to the cron job.
 */
export function podGroups({ account }: Pick<Evidence, 'account'>): PodGroup[] {
  const { namespace } = account
  const workloads = 'value' in account.workloads ? account.workloads.value : []
  const pods = ('value' in account.pods ? account.pods.value : []).filter(isLive)
  const cronJobs = new Set(workloads.filter(({ kind }) => kind === 'cronjob').map(({ name }) => name))
  const cronJobByJob = new Map(
    workloads.flatMap(workload => {
      const parent = workload.object.metadata?.ownerReferences?.find(
        ({ kind, name }) => kind === 'CronJob' && cronJobs.has(name)
      )
      return parent === undefined ? [] : [[kubectlNameOf(workload), `cronjob/${parent.name}`] as const]
    })
  )
  const podsByOwner = groupBy(pods, ({ pod, owner }) => {
    const ownerName = owner === undefined ? `pod/${podName(pod)}` : `${owner.kind.toLowerCase()}/${owner.name}`
    return cronJobByJob.get(ownerName) ?? ownerName
  })
  const groupsOfWorkloads = workloads
    .filter(workload => !cronJobByJob.has(kubectlNameOf(workload)) && !isFinished(workload))
    .map((workload): PodGroup => ({
      kubectlName: kubectlNameOf(workload),
      kind: workload.kind,
      namespace,
      name: workload.name,
      workload,
      template: asTemplate(templateOf(workload)),
      pods: podsOf(podsByOwner.get(kubectlNameOf(workload)))
    }))
  const workloadNames = new Set(workloads.map(kubectlNameOf))
  const otherGroups = [...podsByOwner]
    .filter(([kubectlName]) => !workloadNames.has(kubectlName))
    .map(([kubectlName, created]): PodGroup => {
      const [kind = '', name = ''] = kubectlName.split('/')
      return {
        kubectlName,
        kind,
        namespace,
        name,
        workload: undefined,
        template: kind === 'pod' ? asTemplate(created[0]?.pod) : undefined,
        pods: podsOf(created)
      }
    })
  return [...groupsOfWorkloads, ...otherGroups]
}

const kubectlNameOf = ({ kind, name }: Workload): string => `${kind}/${name}`
const podsOf = (found: readonly PodEvidence[] = []): V1Pod[] => found.map(({ pod }) => pod)

export const podName = ({ metadata }: { metadata?: V1ObjectMeta }): string => metadata?.name ?? ''

function isLive({ pod }: PodEvidence): boolean {
  return pod.metadata?.deletionTimestamp === undefined && !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')
}

/** Source: Kubernetes API reference, JobStatus: the conditions Complete and Failed are final. */
function isFinished(workload: Workload): boolean {
  return (
    workload.kind === 'job' &&
    conditionsOf(workload).some(({ type, status }) => ['Complete', 'Failed'].includes(type) && status === 'True')
  )
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

/** Returns the conditions in the status of a workload. */
export function conditionsOf({ object: { status } }: Workload): readonly Condition[] {
  return status !== undefined && 'conditions' in status ? (status.conditions ?? []) : []
}

function asTemplate(from: V1PodTemplateSpec | V1Pod | undefined): Template {
  return { labels: from?.metadata?.labels ?? {}, annotations: from?.metadata?.annotations ?? {}, spec: from?.spec }
}

/**
 * Returns the containers of a pod that the webhook must change: those of the template that the pod does not exclude. Containers that others have
 * injected do not need Azure.
 */
export function containersToInject({ workload, template }: PodGroup, pod: V1Pod): V1Container[] {
  const ofTemplate = workload === undefined ? undefined : containersOf(template?.spec).map(({ name }) => name)
  const skipped = skippedContainers(pod.metadata?.annotations)
  return containersOf(pod.spec).filter(({ name }) => !skipped.includes(name) && (ofTemplate?.includes(name) ?? true))
}

/**
 * Returns an environment variable that the template of a workload sets in a container. The webhook keeps such a variable. Returns undefined for
 * a standalone pod, because it does not show who set the variable.
 */
export function templateVariable(
  { workload, template }: PodGroup,
  container: string,
  variable: string
): V1EnvVar | undefined {
  if (workload === undefined) return undefined
  return containersOf(template?.spec)
    .find(({ name }) => name === container)
    ?.env?.find(({ name }) => name === variable)
}

/** Returns `2 of 3 pods`, `all 3 pods`, or `its pod` if there is only one. */
export function countPods(some: number, all: number): string {
  if (all === 1) return 'its pod'
  return some === all ? `all ${all} pods` : `${some} of ${all} pods`
}
