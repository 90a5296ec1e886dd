import { type Json, type JsonObject, listAt, objectAt, textAt, valueAt } from '../../json.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import { keyOf, type ObjectKind } from '../kinds/object-kind.js'
import { pods } from '../kinds/workload-kinds.js'
import { StatusError } from '../status-error.js'
import { createObject, updateObject } from '../storage/store.js'

/** The options of every write of a controller. */
export const controllerWriteOptions = {
  manager: 'kube-controller-manager',
  dryRun: false,
  force: true,
  strict: false
} as const

/** Returns the owner reference for objects that this object controls. */
export function ownerReferenceTo({ apiVersion, kind, metadata: { name, uid } }: KubernetesObject): JsonObject {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

function controllerUidOf({ metadata }: KubernetesObject): string | undefined {
  const reference = listAt(metadata, 'ownerReferences').find(({ controller }) => controller === true)
  return reference === undefined ? undefined : textAt(reference, 'uid')
}

/** Returns the objects of a kind that the owner controls, oldest first. */
export function ownedBy(state: State, kind: ObjectKind, owner: KubernetesObject): KubernetesObject[] {
  return [...kind.objects(state).values()].filter(object => controllerUidOf(object) === owner.metadata.uid)
}

/** Deletes an object without preconditions. Garbage collection deletes its dependents later. */
export function removeObject(state: State, kind: ObjectKind, { metadata }: KubernetesObject): void {
  state.cluster.nextResourceVersion()
  kind.objects(state).delete(keyOf(kind, { namespace: '', ...metadata }))
}

interface NamespacedManifest extends JsonObject {
  metadata: JsonObject & { name: string; namespace: string }
}

/** Creates an object, or replaces the content of the object with this name. */
export function createOrUpdate(state: State, kind: ObjectKind, manifest: NamespacedManifest): void {
  const { namespace, name } = manifest.metadata
  if (!kind.objects(state).has(keyOf(kind, { namespace, name })))
    createObject(state, kind, namespace, manifest, controllerWriteOptions)
  else updateObject(state, kind, { namespace, name }, manifest, controllerWriteOptions)
}

/** Returns the pods of an owner that have not terminated. */
export function livePods(state: State, owner: KubernetesObject): KubernetesObject[] {
  return ownedBy(state, pods, owner).filter(({ status }) => !['Succeeded', 'Failed'].includes(textAt(status, 'phase')))
}

/**
 * Creates a pod from the template of its owner. `metadata` holds its name or `generateName`, and additional labels.
 * Returns the error message if the API server rejects the pod.
 */
export function createPod(state: State, owner: KubernetesObject, metadata: JsonObject): string | undefined {
  const template = objectAt(owner.spec, 'template')
  const templateMetadata = objectAt(template, 'metadata')
  const { namespace = '' } = owner.metadata
  const labels = { ...objectAt(templateMetadata, 'labels'), ...objectAt(metadata, 'labels') }
  const pod = {
    metadata: { ...templateMetadata, ...metadata, labels, ownerReferences: [ownerReferenceTo(owner)] },
    spec: valueAt(template, 'spec') ?? {}
  }
  try {
    createObject(state, pods, namespace, pod, controllerWriteOptions)
    return undefined
  } catch (error) {
    if (error instanceof StatusError) return error.message
    throw error
  }
}

/**
 * Creates or deletes pods with generated names until the owner has the wanted number.
 * Returns the error message of the first pod that the API server rejects.
 */
export function reconcilePods(
  state: State,
  owner: KubernetesObject,
  wanted: number,
  labels: JsonObject = {}
): string | undefined {
  const present = livePods(state, owner)
  for (const pod of present.slice(wanted)) removeObject(state, pods, pod)
  for (let missing = wanted - present.length; missing > 0; missing--) {
    const failure = createPod(state, owner, { generateName: `${owner.metadata.name}-`, labels })
    if (failure !== undefined) return failure
  }
  return undefined
}

/** Deletes the pods of an owner whose label shows that they come from an older template. */
export function deleteOutdatedPods(state: State, owner: KubernetesObject, label: string, current: Json): void {
  for (const pod of livePods(state, owner)) if (pod.metadata.labels?.[label] !== current) removeObject(state, pods, pod)
}
