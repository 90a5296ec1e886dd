import type {
  V1CronJob,
  V1DaemonSet,
  V1Deployment,
  V1Job,
  V1Pod,
  V1PodTemplateSpec,
  V1StatefulSet
} from '@kubernetes/client-node'
import { useLabel } from '../../domain/annotations.js'

/** The kinds of workload that the doctor reads, as kubectl names them. */
export const workloadKinds = ['deployment', 'statefulset', 'daemonset', 'job', 'cronjob'] as const
export type WorkloadKind = (typeof workloadKinds)[number]

/** An object that creates pods from a template. */
export interface Workload {
  readonly kind: WorkloadKind
  readonly namespace: string
  readonly name: string
  readonly object: V1Deployment | V1StatefulSet | V1DaemonSet | V1Job | V1CronJob
}

/** Returns the pod template of a workload. An object from an API server always has one. */
export function templateOf({ kind, object }: Workload): V1PodTemplateSpec | undefined {
  return kind === 'cronjob'
    ? (object as V1CronJob).spec?.jobTemplate.spec?.template
    : (object as Pick<V1Deployment, 'spec'>).spec?.template
}

/** Returns the name of the service account of a pod or pod template. Source: Kubernetes, "Configure Service Accounts for Pods". */
export function serviceAccountOf(pod: Pick<V1Pod, 'spec'> | V1PodTemplateSpec | undefined): string {
  return pod?.spec?.serviceAccountName ?? pod?.spec?.serviceAccount ?? 'default'
}

/** Reports whether an object has the label for which the webhook changes pods. */
export const asksForWorkloadIdentity = (
  object: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } } | undefined
): boolean => object?.metadata?.labels?.[useLabel] === 'true'

/**
 * Returns the controller that created a pod, or undefined for a standalone pod.
 *
 * The controller of a deployment's pod is a replica set. Its name is the name of the deployment and the hash of the template, and the pod has
 * the hash as a label. So this finds the deployment without a request.
 */
export function ownerOf({ metadata }: V1Pod): { readonly kind: string; readonly name: string } | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true)
  if (owner === undefined) return undefined
  const hash = metadata?.labels?.['pod-template-hash']
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`))
    return { kind: 'deployment', name: owner.name.slice(0, -hash.length - 1) }
  return { kind: owner.kind.toLowerCase(), name: owner.name }
}
