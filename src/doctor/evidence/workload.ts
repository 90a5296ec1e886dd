import type { V1CronJob, V1Deployment, V1Pod, V1PodTemplateSpec } from '@kubernetes/client-node'
import { useLabel } from '../../domain/annotations.js'
import type { PodEvidence, Workload } from './model.js'

/** What the pods of a workload are made from; undefined of an object that has none, which no API server would keep. */
export function templateOf({ kind, object }: Workload): V1PodTemplateSpec | undefined {
  return kind === 'cronjob'
    ? (object as V1CronJob).spec?.jobTemplate.spec?.template
    : (object as Pick<V1Deployment, 'spec'>).spec?.template
}

/** The service account that a pod, or what is made from a template, runs as. Source: Kubernetes, "Configure Service Accounts for Pods". */
export function serviceAccountOf(of: Pick<V1Pod, 'spec'> | V1PodTemplateSpec | undefined): string {
  return of?.spec?.serviceAccountName ?? of?.spec?.serviceAccount ?? 'default'
}

/** Whether the label asks the webhook to take care of it. */
export const asksForWorkloadIdentity = (
  of: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } } | undefined
): boolean => of?.metadata?.labels?.[useLabel] === 'true'

/**
 * What made a pod. Of a deployment's pods that is a replica set, whose name is the deployment's and the template's hash, which the pod bears as a
 * label: so the deployment is known without asking for it.
 */
export function ownerOf({ metadata }: V1Pod): PodEvidence['owner'] {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true)
  if (owner === undefined) return undefined
  const hash = metadata?.labels?.['pod-template-hash']
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`))
    return { kind: 'deployment', name: owner.name.slice(0, -hash.length - 1) }
  return { kind: owner.kind.toLowerCase(), name: owner.name }
}
