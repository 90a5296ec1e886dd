import { type JsonObject, listAt, objectAt, textAt } from '../../json.js'
import type { State } from '../../state.js'
import { allKinds } from '../kinds/all-kinds.js'
import { pods } from '../kinds/workload-kinds.js'
import { writeStatus } from '../storage/store.js'
import { runDeployments } from './deployments.js'
import { connectServices } from './endpoints.js'
import { remove } from './owned-objects.js'
import { runOtherControllers } from './stateful-sets.js'
import { nodeName, runningStatus } from './kubelet.js'

/** More than any world needs: a fault in the sandbox ends here. */
const roundLimit = 50

/**
 * Lets the cluster's controllers do what they would do within seconds of a write: everything, until nothing is left to do. They look at what is,
 * not at what happened, so a pod that a webhook kept out comes with the next write after the webhook is back. The API server calls this after
 * every write; a test that changes the world by hand may do so.
 */
export function settle(state: State): void {
  for (let round = 0; round < roundLimit; round++) {
    const { revision } = state.cluster
    collectGarbage(state)
    startPods(state)
    connectServices(state)
    runDeployments(state)
    runOtherControllers(state)
    if (state.cluster.revision === revision) return
  }
  throw new Error('The controllers of the sandbox do not come to rest.')
}

/**
 * Whoever has owners, and none that is still there, goes too (kubernetes.io, Garbage Collection, in the background). An owner of a kind that the
 * sandbox does not keep may be there for all it knows.
 */
function collectGarbage(state: State): void {
  const all = allKinds.flatMap(kind => [...kind.objects(state).values()].map(object => ({ kind, object })))
  const uids = new Set(all.map(({ object }) => object.metadata.uid))
  const mayBeThere = (owner: JsonObject): boolean =>
    uids.has(textAt(owner, 'uid')) ||
    !allKinds.some(({ kind, apiVersion }) => kind === owner.kind && apiVersion === owner.apiVersion)
  for (const { kind, object } of all) {
    const owners = listAt(object.metadata, 'ownerReferences')
    if (owners.length > 0 && !owners.some(mayBeThere)) remove(state, kind, object)
  }
}

/** The scheduler and the kubelet: a new pod runs, and is ready. */
function startPods(state: State): void {
  for (const pod of state.cluster.pods.values()) {
    if (pod.status === undefined)
      writeStatus(state, pods, { ...pod, spec: { nodeName, ...objectAt(pod.spec) } }, runningStatus(state, pod))
  }
}
