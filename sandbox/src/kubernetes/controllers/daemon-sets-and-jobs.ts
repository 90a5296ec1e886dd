import { wholeSeconds } from '../../dates.js'
import { numberAt, objectAt, valueAt } from '../../json.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import { templateHash } from '../generated-names.js'
import { daemonSets, jobs } from '../kinds/workload-kinds.js'
import { writeStatus } from '../storage/store.js'
import { isReady } from './kubelet.js'
import { deleteOutdatedPods, livePods, reconcilePods } from './owned-objects.js'
import { isUpdatedOnDelete, revisionLabel } from './stateful-sets.js'

/** Runs the controller of daemon sets: one pod on each node. The cluster has one node. */
export function reconcileDaemonSets(state: State): void {
  for (const set of state.cluster.daemonSets.values()) reconcileDaemonSet(state, set)
}

function reconcileDaemonSet(state: State, set: KubernetesObject): void {
  const revision = templateHash(objectAt(set.spec, 'template'))
  if (!isUpdatedOnDelete(set)) deleteOutdatedPods(state, set, revisionLabel, revision)
  reconcilePods(state, set, 1, { [revisionLabel]: revision })
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

/**
 * Runs the controller of jobs: as many pods at once as the job's parallelism. The pods never complete, because the
 * sandbox runs no containers.
 */
export function reconcileJobs(state: State): void {
  for (const job of state.cluster.jobs.values()) reconcileJob(state, job)
}

function reconcileJob(state: State, job: KubernetesObject): void {
  const isSuspended = valueAt(job.spec, 'suspend') === true
  reconcilePods(state, job, isSuspended ? 0 : (numberAt(job.spec, 'parallelism') ?? 1))
  const present = livePods(state, job)
  writeStatus(state, jobs, job, {
    ...(present.length === 0 ? {} : { active: present.length }),
    ready: present.filter(isReady).length,
    startTime: valueAt(job.status, 'startTime') ?? wholeSeconds(state.now())
  })
}
