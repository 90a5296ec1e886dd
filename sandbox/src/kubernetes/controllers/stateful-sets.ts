import type { KubernetesObject } from '../cluster.js'
import { numberAt, objectAt, textAt, valueAt } from '../../json.js'
import { wholeSeconds } from '../../dates.js'
import type { State } from '../../state.js'
import { templateHash } from '../generated-names.js'
import { writeStatus } from '../storage/store.js'
import { daemonSets, jobs, pods, statefulSets } from '../kinds/workload-kinds.js'
import { remove } from './owned-objects.js'
import { keepPods, livePods, makePod, removeOutdated } from './pod-making.js'
import { isReady } from './kubelet.js'

const revisionLabel = 'controller-revision-hash'

/** The controllers of stateful sets, daemon sets and jobs, in small. A pod of another template than the present one is replaced, unless it is to wait for its deletion. */
export function runOtherControllers(state: State): void {
  for (const set of state.cluster.statefulSets.values()) keepOrdinals(state, set)
  for (const set of state.cluster.daemonSets.values()) keepOnNode(state, set)
  for (const job of state.cluster.jobs.values()) keepJob(state, job)
}

/** Pods are numbered. They are replaced from the last one on, each only once the one before is there; so they are made from the first one on. */
function keepOrdinals(state: State, set: KubernetesObject): void {
  const { name, generation = 1 } = set.metadata
  const wanted = numberAt(set.spec, 'replicas') ?? 1
  const revision = `${name}-${templateHash(objectAt(set.spec, 'template'))}`
  const make = (ordinal: number): boolean =>
    makePod(state, set, {
      name: `${name}-${ordinal}`,
      labels: {
        'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}`,
        'apps.kubernetes.io/pod-index': String(ordinal),
        [revisionLabel]: revision
      }
    }) === undefined
  const ordinals = Array.from({ length: wanted }, (_, ordinal) => ordinal)
  const named = new Map(livePods(state, set).map(pod => [pod.metadata.name, pod]))
  for (const [podName, pod] of named)
    if (!ordinals.some(ordinal => podName === `${name}-${ordinal}`)) remove(state, pods, pod)
  ordinals.every(ordinal => named.has(`${name}-${ordinal}`) || make(ordinal))
  ordinals.toReversed().every(ordinal => {
    const pod = named.get(`${name}-${ordinal}`)
    if (pod === undefined || pod.metadata.labels?.[revisionLabel] === revision || waitsForDeletion(set)) return true
    remove(state, pods, pod)
    return make(ordinal)
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

/** Whether pods of an older template stay until somebody deletes them (Kubernetes API reference, updateStrategy). */
function waitsForDeletion({ spec }: KubernetesObject): boolean {
  return textAt(spec, 'updateStrategy', 'type') === 'OnDelete'
}

/** A pod on each node, of which there is one. */
function keepOnNode(state: State, set: KubernetesObject): void {
  const revision = templateHash(objectAt(set.spec, 'template'))
  if (!waitsForDeletion(set)) removeOutdated(state, set, revisionLabel, revision)
  keepPods(state, set, 1, { [revisionLabel]: revision })
  const present = livePods(state, set)
  const ready = present.filter(isReady).length
  writeStatus(state, daemonSets, set, {
    observedGeneration: set.metadata.generation ?? 1,
    desiredNumberScheduled: 1,
    currentNumberScheduled: present.length,
    numberMisscheduled: 0,
    numberReady: ready,
    numberAvailable: ready,
    updatedNumberScheduled: present.length
  })
}

/** As many pods at once as the job may have. They run and do not end: nothing is in them. */
function keepJob(state: State, job: KubernetesObject): void {
  const suspended = valueAt(job.spec, 'suspend') === true
  keepPods(state, job, suspended ? 0 : (numberAt(job.spec, 'parallelism') ?? 1))
  const present = livePods(state, job)
  writeStatus(state, jobs, job, {
    ...(present.length === 0 ? {} : { active: present.length }),
    ready: present.filter(isReady).length,
    startTime: valueAt(job.status, 'startTime') ?? wholeSeconds(state.now())
  })
}
