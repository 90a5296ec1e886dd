import { wholeSeconds } from '../../dates.js'
import { isJsonObject, type Json, type JsonObject } from '../../json.js'
import type { SandboxRequest } from '../../server/http.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import { serverSideApply } from '../fields/managed-fields.js'
import { jsonPatch, mergePatch, strategicMergePatch } from '../fields/patches.js'
import type { Schema } from '../fields/schema.js'
import { namespaces } from '../kinds/core-kinds.js'
import { type Address, keyOf, type ObjectKind } from '../kinds/object-kind.js'
import { mediaType, parseJson, requireObject, unsupportedMediaType, type WriteOptions } from '../read-request.js'
import { badRequest, conflict, notFound } from '../status-error.js'
import { decodeObject, getObject, insertObject, replaceContent, updateObject } from './store.js'

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml'
]

/** The object after a patch, and whether the patch created it. */
export interface PatchResult {
  readonly object: KubernetesObject
  readonly created: boolean
}

/**
 * Applies a patch of one of the four types. Server-side apply creates the object if it does not exist. The other types
 * throw a 404.
 */
export function patchObject(
  state: State,
  kind: ObjectKind,
  address: Address,
  request: SandboxRequest,
  options: WriteOptions
): PatchResult {
  const type = mediaType(request)
  if (type === 'application/apply-patch+yaml') {
    if (!request.query.get('fieldManager'))
      throw badRequest('fieldManager: Required value: is required for apply patch')
    return applyObject(state, kind, address, requireObject(parseJson(request.body)), options)
  }
  const live = getObject(state, kind, address)
  return {
    object: updateObject(state, kind, address, requireObject(patchedContent(live, request, kind.schema)), options),
    created: false
  }
}

/**
 * Returns the object with the patch of the request applied. Throws a 415 for any type but JSON patch, merge patch and
 * strategic merge patch.
 */
export function patchedContent(live: JsonObject, request: SandboxRequest, schema: Schema): Json {
  const type = mediaType(request)
  if (!patchTypes.includes(type)) throw unsupportedMediaType(type, patchTypes)
  const patch = parseJson(request.body)
  switch (type) {
    case 'application/json-patch+json':
      return jsonPatch(live, patch)
    case 'application/merge-patch+json':
      return mergePatch(live, patch)
    default:
      return strategicMergePatch(live, patch, schema)
  }
}

function applyObject(
  state: State,
  kind: ObjectKind,
  address: Address,
  sent: JsonObject,
  options: WriteOptions
): PatchResult {
  const applied = decodeObject(kind, sent, true)
  const { metadata = {} } = applied
  if (!isJsonObject(metadata)) throw badRequest('metadata must be an object')
  if (sent.apiVersion === undefined || sent.kind === undefined)
    throw badRequest('an apply patch must name its apiVersion and kind')
  if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  if (metadata.name !== undefined && metadata.name !== address.name) {
    throw badRequest(
      `the name of the object (${JSON.stringify(metadata.name)}) does not match the name on the URL (${address.name})`
    )
  }
  if (kind.namespaced && metadata.namespace !== undefined && metadata.namespace !== address.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  const live = kind.objects(state).get(keyOf(kind, address))
  if (live === undefined && kind.namespaced && !state.cluster.namespaces.has(address.namespace))
    throw notFound(namespaces, address.namespace)
  const { uid, resourceVersion } = metadata
  if (
    (uid !== undefined && uid !== live?.metadata.uid) ||
    (resourceVersion !== undefined && resourceVersion !== live?.metadata.resourceVersion)
  ) {
    throw conflict(
      kind,
      address.name,
      'the object has been modified; please apply your changes to the latest version and try again'
    )
  }
  const { content, managedFields } = serverSideApply(live?.metadata.managedFields ?? [], live ?? {}, applied, kind, {
    manager: options.manager,
    force: options.force,
    time: wholeSeconds(state.now())
  })
  return live === undefined
    ? { object: insertObject(state, kind, address, content, managedFields, options), created: true }
    : { object: replaceContent(state, kind, live, content, managedFields, options), created: false }
}
