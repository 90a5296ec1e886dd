import { numberAt, objectAt, textAt } from '../../json.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import { templateHash } from '../generated-names.js'
import { pods, statefulSets } from '../kinds/workload-kinds.js'
import { writeStatus } from '../storage/store.js'
import { isReady } from './kubelet.js'
import { createPod, livePods, removeObject } from './owned-objects.js'

/** The label of a pod that identifies the template which the pod was created from. */
export const revisionLabel = 'controller-revision-hash'

/**
 * Reports whether pods of an older template stay until someone deletes them (Kubernetes API reference,
 * `updateStrategy`).
 */
export function isUpdatedOnDelete({ spec }: KubernetesObject): boolean {
  return textAt(spec, 'updateStrategy', 'type') === 'OnDelete'
}

/**
 * Runs the controller of stateful sets. It creates pods in the order of their ordinals, and replaces outdated pods in
 * the reverse order. Each of these two steps ends at the first pod that the API server rejects.
 */
export function reconcileStatefulSets(state: State): void {
  for (const set of state.cluster.statefulSets.values()) reconcileStatefulSet(state, set)
}

function reconcileStatefulSet(state: State, set: KubernetesObject): void {
  const { name, generation = 1 } = set.metadata
  const wanted = numberAt(set.spec, 'replicas') ?? 1
  const revision = `${name}-${templateHash(objectAt(set.spec, 'template'))}`
  const create = (ordinal: number): boolean =>
    createPod(state, set, {
      name: `${name}-${ordinal}`,
      labels: {
        'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}`,
        'apps.kubernetes.io/pod-index': String(ordinal),
        [revisionLabel]: revision
      }
    }) === undefined
  const ordinals = Array.from({ length: wanted }, (_, ordinal) => ordinal)
  const podsByName = new Map(livePods(state, set).map(pod => [pod.metadata.name, pod]))
  for (const [podName, pod] of podsByName)
    if (!ordinals.some(ordinal => podName === `${name}-${ordinal}`)) removeObject(state, pods, pod)
  ordinals.every(ordinal => podsByName.has(`${name}-${ordinal}`) || create(ordinal))
  ordinals.toReversed().every(ordinal => {
    const pod = podsByName.get(`${name}-${ordinal}`)
    if (pod === undefined || pod.metadata.labels?.[revisionLabel] === revision || isUpdatedOnDelete(set)) return true
    removeObject(state, pods, pod)
    return create(ordinal)
  })
  const present = livePods(state, set)
  const ready = present.filter(isReady).length
  const updated = present.filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision).length
  writeStatus(state, statefulSets, set, {
    observedGeneration: generation,
    replicas: present.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: updated,
    updatedReplicas: updated,
    currentRevision: revision,
    updateRevision: revision,
    collisionCount: 0
  })
}
