import { wholeSeconds } from '../../dates.js'
import { isJsonObject, type JsonObject } from '../../json.js'
import type { State } from '../../state.js'
import { addDefaultServiceAccount, type KubernetesObject, type ManagedFieldsEntry } from '../cluster.js'
import { decode } from '../fields/decode.js'
import { ownableFields, readManagedFields, updateManagedFields } from '../fields/managed-fields.js'
import { isEqual } from '../fields/structured-merge.js'
import { nameSuffix } from '../generated-names.js'
import { namespaces } from '../kinds/core-kinds.js'
import { validateMetadata } from '../kinds/metadata-rules.js'
import { type Address, keyOf, type ObjectKind } from '../kinds/object-kind.js'
import type { WriteOptions } from '../read-request.js'
import { alreadyExists, badRequest, conflict, invalid, notFound } from '../status-error.js'

/** Returns the object. Throws a 404 if it does not exist. */
export function getObject(state: State, kind: ObjectKind, address: Address): KubernetesObject {
  const object = kind.objects(state).get(keyOf(kind, address))
  if (object === undefined) throw notFound(kind, address.name)
  return object
}

/** Creates an object. Without a name, it gets one that starts with `generateName`. A dry run stores nothing. */
export function createObject(
  state: State,
  kind: ObjectKind,
  namespace: string,
  sent: JsonObject,
  options: WriteOptions
): KubernetesObject {
  const object = decodeObject(kind, sent, options.strict)
  const metadata = metadataOf(object)
  const { generateName } = metadata
  const name =
    typeof metadata.name === 'string'
      ? metadata.name
      : typeof generateName === 'string'
        ? generateName + nameSuffix()
        : ''
  const address = { namespace, name }
  requireMatchingAddress(kind, address, metadata)
  const managedFields = updateManagedFields([], {}, object, kind, options.manager, wholeSeconds(state.now()))
  return insertObject(state, kind, address, object, managedFields, options)
}

/** Stores a new object. Throws a 404 if its namespace does not exist, and a 409 if an object of this name exists. */
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
  kind.setDefaults?.(object, undefined)
  requireValid(kind, object, undefined)
  kind.admit?.(state, object)
  if (options.dryRun) return object
  object.metadata.resourceVersion = state.cluster.nextResourceVersion()
  kind.objects(state).set(keyOf(kind, address), object)
  if (kind === namespaces) addDefaultServiceAccount(state.cluster, address.name, at, state.uuid)
  return object
}

/**
 * Replaces the live object with the sent one. Throws a 409 if the sent `resourceVersion` is outdated or the sent UID is
 * a different one. A dry run stores nothing.
 */
export function updateObject(
  state: State,
  kind: ObjectKind,
  address: Address,
  sent: JsonObject,
  options: WriteOptions
): KubernetesObject {
  const live = getObject(state, kind, address)
  const object = decodeObject(kind, sent, options.strict)
  const metadata = metadataOf(object)
  requireMatchingAddress(kind, address, metadata)
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
  const before = readManagedFields(object) ?? live.metadata.managedFields
  const managedFields = updateManagedFields(before, live, object, kind, options.manager, wholeSeconds(state.now()))
  return replaceContent(state, kind, live, object, managedFields, options)
}

/** Replaces the content of the live object. If nothing changes, the `resourceVersion` stays the same too. */
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
  kind.setDefaults?.(object, live)
  if (kind.hasStatus) keepStatus(object, live)
  requireValid(kind, object, live)
  if (isEqual(object, live)) return live
  if (options.dryRun) return object
  object.metadata.resourceVersion = state.cluster.nextResourceVersion()
  kind.objects(state).set(keyOf(kind, { namespace, name }), object)
  return object
}

/** Restores the status, and increments the generation if the spec changed. */
function keepStatus(object: KubernetesObject, live: KubernetesObject): void {
  Reflect.deleteProperty(object, 'status')
  if (live.status !== undefined) object.status = live.status
  if (!isEqual(object.spec ?? {}, live.spec ?? {}))
    object.metadata.generation = Number(live.metadata.generation ?? 1) + 1
}

/** Replaces the status of the live object. If nothing changes, the `resourceVersion` stays the same too. */
export function writeStatus(
  state: State,
  kind: ObjectKind,
  live: KubernetesObject,
  status: JsonObject
): KubernetesObject {
  if (isEqual(live.status ?? {}, status)) return live
  const object = {
    ...live,
    metadata: { ...live.metadata, resourceVersion: state.cluster.nextResourceVersion() },
    status
  }
  kind.objects(state).set(keyOf(kind, { namespace: '', ...live.metadata }), object)
  return object
}

/**
 * Decodes a sent object. Throws a 400 if its apiVersion, its kind or the type of a field does not match, or, if
 * `strict`, for an unknown field.
 */
export function decodeObject(kind: ObjectKind, sent: JsonObject, strict: boolean): JsonObject {
  const { apiVersion = kind.apiVersion, kind: sentKind = kind.kind } = sent
  if (apiVersion !== kind.apiVersion || sentKind !== kind.kind) {
    throw badRequest(
      `${kind.kind} in version "${kind.apiVersion}" cannot be handled as a ${text(sentKind)} in version "${text(apiVersion)}"`
    )
  }
  const object = decode(sent, kind.schema, strict)
  return isJsonObject(object) ? object : {}
}

/** Builds a stored object: the members in the order of the API server, without empty fields. */
function assemble(
  kind: ObjectKind,
  content: JsonObject,
  serverMetadata: KubernetesObject['metadata']
): KubernetesObject {
  const { metadata, ...rest } = ownableFields(content)
  const decoded = decode({ metadata: metadata ?? {}, ...rest }, kind.schema, false)
  const { metadata: sentMetadata = {}, ...fields } = isJsonObject(decoded) ? decoded : {}
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { ...(isJsonObject(sentMetadata) ? sentMetadata : {}), ...serverMetadata },
    ...fields
  }
}

function requireMatchingAddress(kind: ObjectKind, address: Address, metadata: JsonObject): void {
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
  const causes = [...validateMetadata(metadata, kind.nameFormat), ...(kind.validate?.(object, live) ?? [])]
  if (causes.length > 0) throw invalid(kind.kind, metadata.name, causes, kind.group)
}

function metadataOf({ metadata }: JsonObject): JsonObject {
  return isJsonObject(metadata) ? metadata : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
