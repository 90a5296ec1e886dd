import { isJsonObject, type JsonObject } from '../../json.js'
import type { State } from '../../state.js'
import { addDefaultServiceAccount, collections, type KubernetesObject } from '../cluster.js'
import { namespaces, serviceAccounts } from '../kinds/core-kinds.js'
import { type Address, keyOf, type ObjectKind } from '../kinds/object-kind.js'
import { conflict, forbidden } from '../status-error.js'
import { getObject } from './store.js'

const permanentNamespaces = ['default', 'kube-system', 'kube-public']

/**
 * Deletes an object and returns it. `deleteOptions` (DeleteOptions v1 meta) can hold preconditions, `dryRun` and
 * `propagationPolicy`. Deleting a namespace deletes all objects in it at once. Garbage collection deletes dependents
 * later, unless the policy is `Orphan`. A deleted `default` service account is created again at once, with a new UID,
 * as its controller does.
 */
export function deleteObject(
  state: State,
  kind: ObjectKind,
  address: Address,
  deleteOptions: JsonObject,
  dryRun: boolean
): KubernetesObject {
  const live = getObject(state, kind, address)
  requirePreconditions(kind, live, deleteOptions)
  if (kind === namespaces && permanentNamespaces.includes(address.name)) {
    throw forbidden(kind, address.name, 'this namespace may not be deleted')
  }
  const { dryRun: dryRunInBody } = deleteOptions
  if (dryRun || (Array.isArray(dryRunInBody) && dryRunInBody.includes('All'))) return live
  kind.objects(state).delete(keyOf(kind, address))
  if (deleteOptions.propagationPolicy === 'Orphan' || deleteOptions.orphanDependents === true)
    orphanDependents(state, live)
  if (kind === namespaces) {
    for (const collection of collections) deleteNamespaced(state.cluster[collection], address.name)
  } else if (kind === serviceAccounts && address.name === 'default') {
    addDefaultServiceAccount(state.cluster, address.namespace, state.now(), state.uuid)
  }
  return live
}

function deleteNamespaced(objects: Map<string, KubernetesObject>, namespace: string): void {
  for (const [key, { metadata }] of objects) if (metadata.namespace === namespace) objects.delete(key)
}

/** Removes the owner references to the object. */
function orphanDependents({ cluster }: State, { metadata: { uid } }: KubernetesObject): void {
  for (const { metadata } of collections.flatMap(name => [...cluster[name].values()])) {
    const { ownerReferences } = metadata
    if (Array.isArray(ownerReferences))
      metadata.ownerReferences = ownerReferences.filter(owner => !isJsonObject(owner) || owner.uid !== uid)
  }
}

function requirePreconditions(kind: ObjectKind, { metadata }: KubernetesObject, { preconditions }: JsonObject): void {
  if (!isJsonObject(preconditions)) return
  for (const [name, label] of [
    ['uid', 'UID'],
    ['resourceVersion', 'ResourceVersion']
  ] as const) {
    const wanted = preconditions[name]
    if (typeof wanted === 'string' && wanted !== metadata[name]) {
      const reason = `Precondition failed: ${label} in precondition: ${wanted}, ${label} in object meta: ${metadata[name]}`
      throw conflict(kind, metadata.name, reason)
    }
  }
}
