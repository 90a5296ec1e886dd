import type { KubernetesObject } from '../cluster.js'
import type { SandboxRequest } from '../../server/http.js'
import { isJsonObject, type Json, type JsonObject } from '../../json.js'
import { wholeSeconds } from '../../dates.js'
import type { State } from '../../state.js'
import { mediaType, parseJson, requireObject, unsupportedMediaType } from '../read-request.js'
import { type Address, keyOf, namespaces, type ObjectKind } from '../kinds/object-kind.js'
import { apply } from '../fields/managed-fields.js'
import { jsonPatch, mergePatch, strategicMergePatch } from '../fields/patches.js'
import type { Schema } from '../fields/schema.js'
import { badRequest, conflict, notFound } from '../status-error.js'
import { conformObject, getObject, insertObject, replaceContent, updateObject } from './store.js'
import type { WriteOptions } from '../write-options.js'

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml'
]

export interface Patched {
  readonly object: KubernetesObject
  readonly created: boolean
}

/** Applies a patch of any of the four types. Only a server-side apply may create what is not there. */
export function patchObject(
  state: State,
  kind: ObjectKind,
  address: Address,
  request: SandboxRequest,
  options: WriteOptions
): Patched {
  const type = mediaType(request)
  if (type === 'application/apply-patch+yaml') {
    if (!request.query.get('fieldManager'))
      throw badRequest('fieldManager: Required value: is required for apply patch')
    return applyObject(state, kind, address, requireObject(parseJson(request.body)), options)
  }
  const live = getObject(state, kind, address)
  return {
    object: updateObject(state, kind, address, requireObject(patched(live, request, kind.schema)), options),
    created: false
  }
}

/** What a patch of the three plain types makes of an object. */
export function patched(live: JsonObject, request: SandboxRequest, schema: Schema): Json {
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
): Patched {
  const applied = conformObject(kind, sent, true)
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
  const { content, managedFields } = apply(live?.metadata.managedFields ?? [], live ?? {}, applied, kind, {
    manager: options.manager,
    force: options.force,
    time: wholeSeconds(state.now())
  })
  return live === undefined
    ? { object: insertObject(state, kind, address, content, managedFields, options), created: true }
    : { object: replaceContent(state, kind, live, content, managedFields, options), created: false }
}
