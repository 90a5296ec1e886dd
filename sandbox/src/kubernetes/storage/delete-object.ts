import { addDefaultServiceAccount, collections, type KubernetesObject } from '../cluster.js'
import { isJsonObject, type JsonObject } from '../../json.js'
import type { State } from '../../state.js'
import { type Address, keyOf, namespaces, type ObjectKind, serviceAccounts } from '../kinds/object-kind.js'
import { conflict, forbidden } from '../status-error.js'
import { getObject } from './store.js'

const permanentNamespaces = ['default', 'kube-system', 'kube-public']

/**
 * Deletes an object and answers with what it was. `deleteOptions` is the body: preconditions on uid and resourceVersion are held, dryRun too.
 * A namespace takes all that is in it along; what the object owns goes when the cluster settles, unless it is to be orphaned; a `default` service
 * account comes back as another one, as its controller would have it.
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
  const { dryRun: inBody } = deleteOptions
  if (dryRun || (Array.isArray(inBody) && inBody.includes('All'))) return live
  kind.objects(state).delete(keyOf(kind, address))
  if (deleteOptions.propagationPolicy === 'Orphan' || deleteOptions.orphanDependents === true) orphan(state, live)
  if (kind === namespaces) {
    for (const collection of collections) empty(state.cluster[collection], address.name)
  } else if (kind === serviceAccounts && address.name === 'default') {
    addDefaultServiceAccount(state.cluster, address.namespace, state.now(), state.uuid)
  }
  return live
}

function empty(objects: Map<string, KubernetesObject>, namespace: string): void {
  for (const [key, { metadata }] of objects) if (metadata.namespace === namespace) objects.delete(key)
}

/** Who belonged to the object belongs to nobody any more. */
function orphan({ cluster }: State, { metadata: { uid } }: KubernetesObject): void {
  for (const { metadata } of collections.flatMap(name => [...cluster[name].values()])) {
    const { ownerReferences } = metadata
    if (Array.isArray(ownerReferences))
      metadata.ownerReferences = ownerReferences.filter(each => !isJsonObject(each) || each.uid !== uid)
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
      const why = `Precondition failed: ${label} in precondition: ${wanted}, ${label} in object meta: ${metadata[name]}`
      throw conflict(kind, metadata.name, why)
    }
  }
}
