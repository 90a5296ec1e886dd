import type { KubernetesObject } from '../cluster.js'
import { type JsonObject, listAt, numberAt, objectAt, textAt, valueAt, without } from '../../json.js'
import type { State } from '../../state.js'
import { templateHash } from '../generated-names.js'
import { createObject, updateObject, writeStatus } from '../storage/store.js'
import { equal } from '../fields/structured-merge.js'
import { deployments, replicaSets } from '../kinds/workload-kinds.js'
import { type Condition, conditionsOf, createFailure } from './conditions.js'
import { byController, controllerOf, ownedBy } from './owned-objects.js'
import { keepPods, livePods } from './pod-making.js'
import { isReady } from './kubelet.js'

const hashLabel = 'pod-template-hash'

/**
 * The controllers of deployments and replica sets, in small. A deployment has a replica set for each template that it had; that of the present one
 * gets the replicas, and the others lose theirs once it has all of its own ready. So a new template that cannot be admitted leaves the old pods
 * where they are.
 */
export function runDeployments(state: State): void {
  for (const deployment of state.cluster.deployments.values()) rollOut(state, deployment)
  for (const set of state.cluster.replicaSets.values()) keepReplicas(state, set)
}

function rollOut(state: State, deployment: KubernetesObject): void {
  const template = objectAt(deployment.spec, 'template')
  const wanted = numberAt(deployment.spec, 'replicas') ?? 1
  const found = ownedBy(state, replicaSets, deployment).find(set => equal(templateOf(set), template))
  if (found === undefined && valueAt(deployment.spec, 'paused') === true) return
  const current = found ?? makeReplicaSet(state, deployment, template)
  const others = ownedBy(state, replicaSets, deployment).filter(({ metadata }) => metadata.uid !== current.metadata.uid)
  const ready = numberAt(current.status, 'readyReplicas') ?? 0
  const makesRoom = ready >= wanted || textAt(deployment.spec, 'strategy', 'type') === 'Recreate'
  scale(state, current, wanted)
  if (makesRoom) for (const set of others) scale(state, set, 0)
  const replicas = [current, ...others].reduce((sum, set) => sum + (numberAt(set.status, 'replicas') ?? 0), 0)
  const available = [current, ...others].reduce((sum, set) => sum + (numberAt(set.status, 'readyReplicas') ?? 0), 0)
  writeStatus(state, deployments, deployment, {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...counts({
      replicas,
      updatedReplicas: numberAt(current.status, 'replicas') ?? 0,
      readyReplicas: available,
      availableReplicas: available
    }),
    ...counts({ unavailableReplicas: Math.max(0, wanted - available) }),
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

/** The template as the deployment had it: without the label that the replica set's own name is made of. */
function templateOf(set: KubernetesObject): JsonObject {
  const template = objectAt(set.spec, 'template')
  const metadata = objectAt(template, 'metadata')
  return { ...template, metadata: { ...metadata, labels: without(objectAt(metadata, 'labels'), hashLabel) } }
}

function makeReplicaSet(state: State, deployment: KubernetesObject, template: JsonObject): KubernetesObject {
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
      metadata: { name: `${name}-${hash[hashLabel]}`, labels, ownerReferences: [controllerOf(deployment)] },
      spec: {
        replicas: 0,
        selector: { ...selector, matchLabels: { ...objectAt(selector, 'matchLabels'), ...hash } },
        template: { ...template, metadata: { ...metadata, labels } }
      }
    },
    byController
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
    byController
  )
}

function keepReplicas(state: State, set: KubernetesObject): void {
  const failure = keepPods(state, set, numberAt(set.spec, 'replicas') ?? 1)
  const present = livePods(state, set)
  const ready = present.filter(isReady).length
  writeStatus(state, replicaSets, set, {
    replicas: present.length,
    observedGeneration: set.metadata.generation ?? 1,
    ...counts({ fullyLabeledReplicas: present.length, readyReplicas: ready, availableReplicas: ready }),
    ...(failure === undefined ? {} : { conditions: conditionsOf(state, set.status, [createFailure(failure)]) })
  })
}

/** Zeros are left out, as Go's `omitempty` does. */
function counts(numbers: Readonly<Record<string, number>>): JsonObject {
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0))
}
