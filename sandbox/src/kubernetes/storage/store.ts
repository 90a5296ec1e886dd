import { addDefaultServiceAccount, type KubernetesObject, type ManagedFieldsEntry } from '../cluster.js'
import { isJsonObject, type JsonObject } from '../../json.js'
import { wholeSeconds } from '../../dates.js'
import type { State } from '../../state.js'
import { conform } from '../fields/decode.js'
import { type Address, keyOf, namespaces, type ObjectKind } from '../kinds/object-kind.js'
import { nameSuffix } from '../generated-names.js'
import { ownable, ownersAfterUpdate, sentManagedFields } from '../fields/managed-fields.js'
import { alreadyExists, badRequest, conflict, invalid, notFound } from '../status-error.js'
import { equal } from '../fields/structured-merge.js'
import { metadataCauses } from '../kinds/metadata-rules.js'
import type { WriteOptions } from '../write-options.js'

/** The object, or a 404. */
export function getObject(state: State, kind: ObjectKind, address: Address): KubernetesObject {
  const object = kind.objects(state).get(keyOf(kind, address))
  if (object === undefined) throw notFound(kind, address.name)
  return object
}

/** Stores a new object. `name` in the address may be empty: then the object's own counts, or one is made from `generateName`. */
export function createObject(
  state: State,
  kind: ObjectKind,
  namespace: string,
  sent: JsonObject,
  options: WriteOptions
): KubernetesObject {
  const object = conformObject(kind, sent, options.strict)
  const metadata = metadataOf(object)
  const { generateName } = metadata
  const name =
    typeof metadata.name === 'string'
      ? metadata.name
      : typeof generateName === 'string'
        ? generateName + nameSuffix()
        : ''
  const address = { namespace, name }
  requireAddress(kind, address, metadata)
  const managedFields = ownersAfterUpdate([], {}, object, kind, options.manager, wholeSeconds(state.now()))
  return insertObject(state, kind, address, object, managedFields, options)
}

/** Puts a new object where none is, in a namespace that exists. */
export function insertObject(
  state: State,
  kind: ObjectKind,
  address: Address,
  content: JsonObject,
  managedFields: ManagedFieldsEntry[],
  options: WriteOptions
): KubernetesObject {
  if (kind.namespaced && !state.cluster.namespaces.has(address.namespace)) throw notFound(namespaces, address.namespace)
  if (kind.objects(state).has(keyOf(kind, address))) throw alreadyExists(kind, address.name)
  const at = state.now()
  const object = assemble(kind, content, {
    name: address.name,
    ...(kind.namespaced ? { namespace: address.namespace } : {}),
    uid: state.uuid(),
    resourceVersion: '',
    creationTimestamp: wholeSeconds(at),
    managedFields
  })
  if (kind === namespaces) {
    object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': address.name }
    Object.assign(object, { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })
  }
  if (kind.hasStatus) {
    Reflect.deleteProperty(object, 'status')
    object.metadata.generation = 1
  }
  kind.complete?.(object, undefined)
  requireValid(kind, object, undefined)
  kind.admit?.(state, object)
  if (options.dryRun) return object
  object.metadata.resourceVersion = state.cluster.nextResourceVersion()
  kind.objects(state).set(keyOf(kind, address), object)
  if (kind === namespaces) addDefaultServiceAccount(state.cluster, address.name, at, state.uuid)
  return object
}

/** Puts an object in the place of the live one: a PUT, or the outcome of a patch. A stale resourceVersion or another uid is a 409. */
export function updateObject(
  state: State,
  kind: ObjectKind,
  address: Address,
  sent: JsonObject,
  options: WriteOptions
): KubernetesObject {
  const live = getObject(state, kind, address)
  const object = conformObject(kind, sent, options.strict)
  const metadata = metadataOf(object)
  requireAddress(kind, address, metadata)
  const { uid, resourceVersion } = metadata
  if (uid !== undefined && uid !== live.metadata.uid) {
    throw conflict(
      kind,
      address.name,
      `Precondition failed: UID in precondition: ${text(uid)}, UID in object meta: ${live.metadata.uid}`
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
    throw conflict(
      kind,
      address.name,
      'the object has been modified; please apply your changes to the latest version and try again'
    )
  }
  const before = sentManagedFields(object) ?? live.metadata.managedFields
  const managedFields = ownersAfterUpdate(before, live, object, kind, options.manager, wholeSeconds(state.now()))
  return replaceContent(state, kind, live, object, managedFields, options)
}

/** Gives the live object new content. Nothing changes, the resourceVersion included, where the content is what it was. */
export function replaceContent(
  state: State,
  kind: ObjectKind,
  live: KubernetesObject,
  content: JsonObject,
  managedFields: ManagedFieldsEntry[],
  options: WriteOptions
): KubernetesObject {
  const { name, namespace = '', uid, resourceVersion, creationTimestamp, generation } = live.metadata
  const object = assemble(kind, content, {
    name,
    ...(kind.namespaced ? { namespace } : {}),
    uid,
    resourceVersion,
    creationTimestamp,
    ...(generation === undefined ? {} : { generation }),
    managedFields
  })
  kind.complete?.(object, live)
  if (kind.hasStatus) keepStatus(object, live)
  requireValid(kind, object, live)
  if (equal(object, live)) return live
  if (options.dryRun) return object
  object.metadata.resourceVersion = state.cluster.nextResourceVersion()
  kind.objects(state).set(keyOf(kind, { namespace, name }), object)
  return object
}

function keepStatus(object: KubernetesObject, live: KubernetesObject): void {
  Reflect.deleteProperty(object, 'status')
  if (live.status !== undefined) object.status = live.status
  if (!equal(object.spec ?? {}, live.spec ?? {})) object.metadata.generation = Number(live.metadata.generation ?? 1) + 1
}

/** Puts another status into the live object, as its controller does; nothing changes where it is the same. */
export function writeStatus(
  state: State,
  kind: ObjectKind,
  live: KubernetesObject,
  status: JsonObject
): KubernetesObject {
  if (equal(live.status ?? {}, status)) return live
  const object = {
    ...live,
    metadata: { ...live.metadata, resourceVersion: state.cluster.nextResourceVersion() },
    status
  }
  kind.objects(state).set(keyOf(kind, { namespace: '', ...live.metadata }), object)
  return object
}

/** Checks an object against its kind: group, kind and the types of its fields. */
export function conformObject(kind: ObjectKind, sent: JsonObject, strict: boolean): JsonObject {
  const { apiVersion = kind.apiVersion, kind: sentKind = kind.kind } = sent
  if (apiVersion !== kind.apiVersion || sentKind !== kind.kind) {
    throw badRequest(
      `${kind.kind} in version "${kind.apiVersion}" cannot be handled as a ${text(sentKind)} in version "${text(apiVersion)}"`
    )
  }
  const object = conform(sent, kind.schema, strict)
  return isJsonObject(object) ? object : {}
}

/** The object in the order in which the API server writes it, without empty fields. */
function assemble(kind: ObjectKind, content: JsonObject, address: KubernetesObject['metadata']): KubernetesObject {
  const { metadata, ...rest } = ownable(content)
  const conforming = conform({ metadata: metadata ?? {}, ...rest }, kind.schema, false)
  const { metadata: kept = {}, ...fields } = isJsonObject(conforming) ? conforming : {}
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { ...(isJsonObject(kept) ? kept : {}), ...address },
    ...fields
  }
}

function requireAddress(kind: ObjectKind, address: Address, metadata: JsonObject): void {
  if (metadata.name !== undefined && metadata.name !== address.name) {
    throw badRequest(
      `the name of the object (${text(metadata.name)}) does not match the name on the URL (${address.name})`
    )
  }
  if (kind.namespaced && metadata.namespace !== undefined && metadata.namespace !== address.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
}

function requireValid(kind: ObjectKind, object: KubernetesObject, live: KubernetesObject | undefined): void {
  const { metadata } = object
  const causes = [...metadataCauses(metadata, kind.nameIs), ...(kind.causes?.(object, live) ?? [])]
  if (causes.length > 0) throw invalid(kind.kind, metadata.name, causes, kind.group)
}

function metadataOf({ metadata }: JsonObject): JsonObject {
  return isJsonObject(metadata) ? metadata : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
