import { wholeSeconds } from '../../dates.js'
import { type Json, type JsonObject, listAt, numberAt, objectAt, textAt, valueAt, without } from '../../json.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import { isEqual } from '../fields/structured-merge.js'
import { templateHash } from '../generated-names.js'
import { deployments, replicaSets } from '../kinds/workload-kinds.js'
import { createObject, updateObject, writeStatus } from '../storage/store.js'
import { isReady } from './kubelet.js'
import { controllerWriteOptions, livePods, ownedBy, ownerReferenceTo, reconcilePods } from './owned-objects.js'

const hashLabel = 'pod-template-hash'

/**
 * Runs the controllers of deployments and replica sets. A deployment has one replica set for each template that it ever
 * had. The replica set of the current template gets all replicas. The others keep theirs until all replicas of the
 * current one are ready, so the old pods keep running if the pods of a new template are rejected.
 */
export function reconcileDeployments(state: State): void {
  for (const deployment of state.cluster.deployments.values()) reconcileDeployment(state, deployment)
  for (const set of state.cluster.replicaSets.values()) reconcileReplicaSet(state, set)
}

function reconcileDeployment(state: State, deployment: KubernetesObject): void {
  const template = objectAt(deployment.spec, 'template')
  const wanted = numberAt(deployment.spec, 'replicas') ?? 1
  const existing = ownedBy(state, replicaSets, deployment).find(set => isEqual(templateOf(set), template))
  if (existing === undefined && valueAt(deployment.spec, 'paused') === true) return
  const current = existing ?? createReplicaSet(state, deployment, template)
  const others = ownedBy(state, replicaSets, deployment).filter(({ metadata }) => metadata.uid !== current.metadata.uid)
  const ready = numberAt(current.status, 'readyReplicas') ?? 0
  const canScaleDownOthers = ready >= wanted || textAt(deployment.spec, 'strategy', 'type') === 'Recreate'
  scale(state, current, wanted)
  if (canScaleDownOthers) for (const set of others) scale(state, set, 0)
  const replicas = [current, ...others].reduce((sum, set) => sum + (numberAt(set.status, 'replicas') ?? 0), 0)
  const available = [current, ...others].reduce((sum, set) => sum + (numberAt(set.status, 'readyReplicas') ?? 0), 0)
  writeStatus(state, deployments, deployment, {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...omitZeros({
      replicas,
      updatedReplicas: numberAt(current.status, 'replicas') ?? 0,
      readyReplicas: available,
      availableReplicas: available
    }),
    ...omitZeros({ unavailableReplicas: Math.max(0, wanted - available) }),
    conditions: conditionsOf(state, deployment.status, deploymentConditions(current, available >= wanted))
  })
}

function deploymentConditions(current: KubernetesObject, isAvailable: boolean): Condition[] {
  const failure = listAt(current.status, 'conditions').find(({ type }) => type === 'ReplicaFailure')
  return [
    isAvailable
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.'
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.'
        },
    isAvailable && failure === undefined
      ? {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: `ReplicaSet "${current.metadata.name}" has successfully progressed.`
        }
      : {
          type: 'Progressing',
          status: 'True',
          reason: 'ReplicaSetUpdated',
          message: `ReplicaSet "${current.metadata.name}" is progressing.`
        },
    ...(failure === undefined ? [] : [createFailure(textAt(failure, 'message'))])
  ]
}

/** Returns the template of the deployment that a replica set was created for: its own without the label of the hash. */
function templateOf(set: KubernetesObject): JsonObject {
  const template = objectAt(set.spec, 'template')
  const metadata = objectAt(template, 'metadata')
  return { ...template, metadata: { ...metadata, labels: without(objectAt(metadata, 'labels'), hashLabel) } }
}

function createReplicaSet(state: State, deployment: KubernetesObject, template: JsonObject): KubernetesObject {
  const { name, namespace = '' } = deployment.metadata
  const hash = { [hashLabel]: templateHash(template) }
  const metadata = objectAt(template, 'metadata')
  const labels = { ...objectAt(metadata, 'labels'), ...hash }
  const selector = objectAt(deployment.spec, 'selector')
  return createObject(
    state,
    replicaSets,
    namespace,
    {
      metadata: { name: `${name}-${hash[hashLabel]}`, labels, ownerReferences: [ownerReferenceTo(deployment)] },
      spec: {
        replicas: 0,
        selector: { ...selector, matchLabels: { ...objectAt(selector, 'matchLabels'), ...hash } },
        template: { ...template, metadata: { ...metadata, labels } }
      }
    },
    controllerWriteOptions
  )
}

function scale(state: State, set: KubernetesObject, replicas: number): void {
  const { namespace = '', name } = set.metadata
  if (numberAt(set.spec, 'replicas') === replicas) return
  updateObject(
    state,
    replicaSets,
    { namespace, name },
    { ...set, spec: { ...objectAt(set.spec), replicas } },
    controllerWriteOptions
  )
}

function reconcileReplicaSet(state: State, set: KubernetesObject): void {
  const failure = reconcilePods(state, set, numberAt(set.spec, 'replicas') ?? 1)
  const present = livePods(state, set)
  const ready = present.filter(isReady).length
  writeStatus(state, replicaSets, set, {
    replicas: present.length,
    observedGeneration: set.metadata.generation ?? 1,
    ...omitZeros({ fullyLabeledReplicas: present.length, readyReplicas: ready, availableReplicas: ready }),
    ...(failure === undefined ? {} : { conditions: conditionsOf(state, set.status, [createFailure(failure)]) })
  })
}

/** Leaves out zeros, as `omitempty` does in Go. */
function omitZeros(numbers: Readonly<Record<string, number>>): JsonObject {
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0))
}

interface Condition {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

/** Returns the conditions for a status. A condition that did not change keeps its times. */
function conditionsOf(state: State, before: Json | undefined, conditions: readonly Condition[]): JsonObject[] {
  const at = wholeSeconds(state.now())
  const known = listAt(before, 'conditions')
  return conditions.map(
    condition =>
      known.find(old => Object.entries(condition).every(([name, value]) => old[name] === value)) ?? {
        ...condition,
        lastTransitionTime: at,
        lastUpdateTime: at
      }
  )
}

function createFailure(message: string): Condition {
  return { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }
}
