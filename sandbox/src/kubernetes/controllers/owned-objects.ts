import type { KubernetesObject } from '../cluster.js'
import { type JsonObject, listAt, textAt } from '../../json.js'
import type { State } from '../../state.js'
import { keyOf, type ObjectKind } from '../kinds/object-kind.js'
import { createObject, updateObject } from '../storage/store.js'

/** How controllers write: in their own name, for good. */
export const byController = { manager: 'kube-controller-manager', dryRun: false, force: true, strict: false } as const

/** The reference by which an object belongs to the one that made it. */
export function controllerOf({ apiVersion, kind, metadata: { name, uid } }: KubernetesObject): JsonObject {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

/** The uid of the object that an object belongs to. */
export function controllerUid({ metadata }: KubernetesObject): string | undefined {
  const reference = listAt(metadata, 'ownerReferences').find(each => each.controller === true)
  return reference === undefined ? undefined : textAt(reference, 'uid')
}

/** The objects of a kind that belong to another, oldest first. */
export function ownedBy(state: State, kind: ObjectKind, owner: KubernetesObject): KubernetesObject[] {
  return [...kind.objects(state).values()].filter(object => controllerUid(object) === owner.metadata.uid)
}

/** Takes an object away, without asking; what depends on it goes with it when the cluster settles. */
export function remove(state: State, kind: ObjectKind, { metadata }: KubernetesObject): void {
  state.cluster.nextResourceVersion()
  kind.objects(state).delete(keyOf(kind, { namespace: '', ...metadata }))
}

/** An object as a controller wishes it to be. */
interface Wanted extends JsonObject {
  metadata: JsonObject & { name: string; namespace: string }
}

/** Makes an object, or gives the one of that name this content, which changes nothing where it has it already. */
export function put(state: State, kind: ObjectKind, wanted: Wanted): void {
  const { namespace, name } = wanted.metadata
  if (!kind.objects(state).has(keyOf(kind, { namespace, name })))
    createObject(state, kind, namespace, wanted, byController)
  else updateObject(state, kind, { namespace, name }, wanted, byController)
}
