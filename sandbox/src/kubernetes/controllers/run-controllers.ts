import { type JsonObject, listAt, textAt } from '../../json.js'
import type { State } from '../../state.js'
import { allKinds } from '../kinds/all-kinds.js'
import { reconcileDaemonSets, reconcileJobs } from './daemon-sets-and-jobs.js'
import { reconcileDeployments } from './deployments.js'
import { reconcileEndpoints } from './endpoints.js'
import { startPods } from './kubelet.js'
import { removeObject } from './owned-objects.js'
import { reconcileStatefulSets } from './stateful-sets.js'

/** Higher than any state needs. It turns an endless loop, which would be a bug of the sandbox, into an error. */
const roundLimit = 50

/**
 * Runs the controllers of the cluster until none of them has anything left to do. A real cluster gets to the same state
 * within seconds of a write. Controllers look at the current state, not at events. If a webhook rejected a pod, the
 * first write after the webhook is back creates the pod. The API server calls this after each write. A test can call it
 * after it changed the state directly.
 */
export function runControllers(state: State): void {
  for (let round = 0; round < roundLimit; round++) {
    const { revision } = state.cluster
    collectGarbage(state)
    startPods(state)
    reconcileEndpoints(state)
    reconcileDeployments(state)
    reconcileStatefulSets(state)
    reconcileDaemonSets(state)
    reconcileJobs(state)
    if (state.cluster.revision === revision) return
  }
  throw new Error('The controllers of the sandbox do not come to rest.')
}

/**
 * Deletes every object that has owner references and no existing owner (kubernetes.io, Garbage Collection, background
 * cascading deletion). The sandbox cannot tell whether an owner of an unknown kind exists, so such an owner counts as
 * existing.
 */
function collectGarbage(state: State): void {
  const objects = allKinds.flatMap(kind => [...kind.objects(state).values()].map(object => ({ kind, object })))
  const uids = new Set(objects.map(({ object }) => object.metadata.uid))
  const mightExist = (owner: JsonObject): boolean =>
    uids.has(textAt(owner, 'uid')) ||
    !allKinds.some(({ kind, apiVersion }) => kind === owner.kind && apiVersion === owner.apiVersion)
  for (const { kind, object } of objects) {
    const owners = listAt(object.metadata, 'ownerReferences')
    if (owners.length > 0 && !owners.some(mightExist)) removeObject(state, kind, object)
  }
}
