import { addDefaultServiceAccount, type KubernetesObject } from '../cluster.js'
import { isJsonObject, type JsonObject } from '../json.js'
import type { World } from '../world.js'
import { keyOf, namespaces, type Address, type ObjectKind } from './kinds.js'
import { conflict, forbidden } from './status.js'
import { getObject } from './store.js'

const permanentNamespaces = ['default', 'kube-system', 'kube-public']

/**
 * Deletes an object and answers with what it was. `deleteOptions` is the body: preconditions on uid and resourceVersion are held, dryRun too.
 * A namespace takes its service accounts along; a `default` service account comes back as another one, as its controller would have it.
 */
export function deleteObject(world: World, kind: ObjectKind, address: Address, deleteOptions: JsonObject, dryRun: boolean): KubernetesObject {
  const live = getObject(world, kind, address)
  requirePreconditions(kind, live, deleteOptions)
  if (kind === namespaces && permanentNamespaces.includes(address.name)) {
    throw forbidden(kind.plural, address.name, 'this namespace may not be deleted')
  }
  const { dryRun: inBody } = deleteOptions
  if (dryRun || (Array.isArray(inBody) && inBody.includes('All'))) return live
  kind.objects(world).delete(keyOf(kind, address))
  const { serviceAccounts } = world.cluster
  if (kind === namespaces) {
    for (const [key, { metadata }] of serviceAccounts) if (metadata.namespace === address.name) serviceAccounts.delete(key)
  } else if (address.name === 'default') {
    addDefaultServiceAccount(world.cluster, address.namespace, world.now(), world.uuid)
  }
  return live
}

function requirePreconditions(kind: ObjectKind, { metadata }: KubernetesObject, { preconditions }: JsonObject): void {
  if (!isJsonObject(preconditions)) return
  for (const [name, label] of [['uid', 'UID'], ['resourceVersion', 'ResourceVersion']] as const) {
    const wanted = preconditions[name]
    if (typeof wanted === 'string' && wanted !== metadata[name]) {
      const why = `Precondition failed: ${label} in precondition: ${wanted}, ${label} in object meta: ${metadata[name]}`
      throw conflict(kind.plural, metadata.name, why)
    }
  }
}
