import type { KubernetesObject } from '../cluster.js'
import { type Json, type JsonObject, objectAt, textAt, valueAt } from '../../json.js'
import type { State } from '../../state.js'
import { StatusError } from '../status-error.js'
import { createObject } from '../storage/store.js'
import { pods } from '../kinds/workload-kinds.js'
import { byController, controllerOf, ownedBy, remove } from './owned-objects.js'

/** The pods of an owner that have not ended. */
export function livePods(state: State, owner: KubernetesObject): KubernetesObject[] {
  return ownedBy(state, pods, owner).filter(({ status }) => !['Succeeded', 'Failed'].includes(textAt(status, 'phase')))
}

/** Makes a pod of its owner's template; the name and more labels come in `metadata`. Answers with what kept it from being made. */
export function makePod(state: State, owner: KubernetesObject, metadata: JsonObject): string | undefined {
  const template = objectAt(owner.spec, 'template')
  const ofTemplate = objectAt(template, 'metadata')
  const { namespace = '' } = owner.metadata
  const labels = { ...objectAt(ofTemplate, 'labels'), ...objectAt(metadata, 'labels') }
  const pod = {
    metadata: { ...ofTemplate, ...metadata, labels, ownerReferences: [controllerOf(owner)] },
    spec: valueAt(template, 'spec') ?? {}
  }
  try {
    createObject(state, pods, namespace, pod, byController)
    return undefined
  } catch (error) {
    if (error instanceof StatusError) return error.message
    throw error
  }
}

/** So many pods with names by chance: makes what is missing, takes away what is too much. Answers with what kept it from making one. */
export function keepPods(
  state: State,
  owner: KubernetesObject,
  wanted: number,
  labels: JsonObject = {}
): string | undefined {
  const present = livePods(state, owner)
  for (const pod of present.slice(wanted)) remove(state, pods, pod)
  for (let missing = wanted - present.length; missing > 0; missing--) {
    const failure = makePod(state, owner, { generateName: `${owner.metadata.name}-`, labels })
    if (failure !== undefined) return failure
  }
  return undefined
}

/** Takes away the pods of an owner whose label says that they are of another template. */
export function removeOutdated(state: State, owner: KubernetesObject, label: string, current: Json): void {
  for (const pod of livePods(state, owner)) if (pod.metadata.labels?.[label] !== current) remove(state, pods, pod)
}
