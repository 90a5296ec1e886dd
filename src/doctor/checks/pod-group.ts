import type { V1Container, V1EnvVar, V1ObjectMeta, V1Pod, V1PodSpec, V1PodTemplateSpec } from '@kubernetes/client-node'
import type { Case, PodEvidence, Workload } from '../evidence/model.js'
import { templateOf } from '../evidence/workload.js'
import { tokensOf } from './pod-token.js'
import { type Labels, whyNoTokens } from './webhook-selection.js'

/** What the pods of a workload are made from. */
export interface Template {
  readonly labels: Labels
  readonly annotations: Labels
  readonly spec: V1PodSpec | undefined
}

/** The live pods that were made from the same template, or one that stands alone. */
export interface PodGroup {
  /** As kubectl names it: `deployment/shop`. */
  readonly of: string
  /** In small letters; `pod` for one that stands alone. */
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Undefined for what is no workload that was read. */
  readonly workload: Workload | undefined
  /** That of the workload; for a pod that stands alone, the pod itself. */
  readonly template: Template | undefined
  /** Without those that have ended or are being deleted. */
  readonly pods: readonly V1Pod[]
}

/** Every workload that was read, without finished jobs and a cron job's own, then pods of others. */
export function podGroups({ account }: Case): PodGroup[] {
  const { namespace } = account
  const workloads = 'value' in account.workloads ? account.workloads.value : []
  const pods = ('value' in account.pods ? account.pods.value : []).filter(isLive)
  const cronJobs = new Set(workloads.filter(({ kind }) => kind === 'cronjob').map(({ name }) => name))
  const parents = new Map(
    workloads.flatMap(each => {
      const parent = each.object.metadata?.ownerReferences?.find(
        ({ kind, name }) => kind === 'CronJob' && cronJobs.has(name)
      )
      return parent === undefined ? [] : [[nameOf(each), `cronjob/${parent.name}`] as const]
    })
  )
  const makers = new Map<string, PodEvidence[]>()
  for (const each of pods) {
    const own =
      each.owner === undefined ? `pod/${podName(each.pod)}` : `${each.owner.kind.toLowerCase()}/${each.owner.name}`
    const maker = parents.get(own) ?? own
    makers.set(maker, [...(makers.get(maker) ?? []), each])
  }
  const known = workloads
    .filter(each => !parents.has(nameOf(each)) && !isFinished(each))
    .map((workload): PodGroup => ({
      of: nameOf(workload),
      kind: workload.kind,
      namespace,
      name: workload.name,
      workload,
      template: asTemplate(templateOf(workload)),
      pods: podsOf(makers.get(nameOf(workload)))
    }))
  const read = new Set(workloads.map(nameOf))
  const others = [...makers]
    .filter(([of]) => !read.has(of))
    .map(([of, made]): PodGroup => {
      const [kind = '', name = ''] = of.split('/')
      return {
        of,
        kind,
        namespace,
        name,
        workload: undefined,
        template: kind === 'pod' ? asTemplate(made[0]?.pod) : undefined,
        pods: podsOf(made)
      }
    })
  return [...known, ...others]
}

const nameOf = ({ kind, name }: Workload): string => `${kind}/${name}`
const podsOf = (found: readonly PodEvidence[] = []): V1Pod[] => found.map(({ pod }) => pod)

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

/** What a workload's controller says of it. */
export function conditionsOf({ object: { status } }: Workload): readonly Condition[] {
  return status !== undefined && 'conditions' in status ? (status.conditions ?? []) : []
}

function asTemplate(from: V1PodTemplateSpec | V1Pod | undefined): Template {
  return { labels: from?.metadata?.labels ?? {}, annotations: from?.metadata?.annotations ?? {}, spec: from?.spec }
}

/** What kubectl calls the pod. */
export const podName = ({ metadata }: { metadata?: V1ObjectMeta }): string => metadata?.name ?? ''

/** Init containers first, as they run; without the two that the webhook itself adds (pkg/webhook/consts.go). */
export function containersOf(spec: V1PodSpec | undefined): V1Container[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].filter(
    ({ name }) => name !== 'azwi-proxy-init' && name !== 'azwi-proxy'
  )
}

/** The annotation by which a pod keeps containers from the webhook, and the names in it, put apart by `;` (pkg/webhook/consts.go, webhook.go). */
export const skipContainers = 'azure.workload.identity/skip-containers'
export function skippedNames(annotations: Labels = {}): string[] {
  return (annotations[skipContainers] ?? '')
    .split(';')
    .map(name => name.trim())
    .filter(name => name !== '')
}

/** The containers that the webhook is to change: those of the template, as what others have put in besides has no use for Azure. */
export function containersWanted({ workload, template }: PodGroup, pod: V1Pod): V1Container[] {
  const own = workload === undefined ? undefined : containersOf(template?.spec).map(({ name }) => name)
  const left = skippedNames(pod.metadata?.annotations)
  return containersOf(pod.spec).filter(({ name }) => !left.includes(name) && (own?.includes(name) ?? true))
}

/** A variable as the template itself sets it, in a container: the webhook keeps it. Of a pod that stands alone it is not known who set it. */
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

/** Whether the webhook has not changed the pod: it gives every one that it sees a volume with a token. */
export function lacksToken(pod: V1Pod, audience: string): boolean {
  return tokensOf(pod.spec, audience).length === 0
}

/** Why there is no pod with a token to look into. */
export function whyUnseen(of: Case, { pods }: PodGroup): string {
  return whyNoTokens(of) ?? (pods.length === 0 ? 'no pod of it runs' : 'because no pod of it has a token')
}

/** "2 of 3 pods", or "its pod" where there is one. */
export function share(some: number, all: number): string {
  if (all === 1) return 'its pod'
  return some === all ? `all ${all} pods` : `${some} of ${all} pods`
}
