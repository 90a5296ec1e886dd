import { isJsonObject, type JsonObject } from '../json.js'
import type { Handler, Route, SandboxRequest } from '../server/http.js'
import type { State } from '../state.js'
import type { KubernetesObject } from './cluster.js'
import { runControllers } from './controllers/run-controllers.js'
import { type ObjectKind, pathPatterns } from './kinds/object-kind.js'
import { requirePermission } from './permissions.js'
import { readObject, readWriteOptions, requireObject } from './read-request.js'
import { patchedContent } from './storage/patch-object.js'
import { decodeObject, getObject, updateObject, writeStatus } from './storage/store.js'

/**
 * Returns the routes of the subresources `status` and `scale` of a kind, as far as it has them: get, update and patch.
 */
export function subresourceRoutes(state: State, kind: ObjectKind): Route[] {
  return [...(kind.hasStatus ? statusRoutes(state, kind) : []), ...(kind.hasScale ? scaleRoutes(state, kind) : [])]
}

function statusRoutes(state: State, kind: ObjectKind): Route[] {
  return routes(
    state,
    kind,
    'status',
    object => object,
    (object, next, request) => {
      const { status } = decodeObject(kind, next, false)
      const wanted = isJsonObject(status) ? status : {}
      return readWriteOptions(request).dryRun ? { ...object, status: wanted } : writeStatus(state, kind, object, wanted)
    }
  )
}

function scaleRoutes(state: State, kind: ObjectKind): Route[] {
  return routes(state, kind, 'scale', scaleOf, (object, next, request) => {
    const { namespace = '', name } = object.metadata
    return scaleOf(updateObject(state, kind, { namespace, name }, withScale(object, next), readWriteOptions(request)))
  })
}

/** `show` returns the subresource of an object. `write` stores a new value of it, and returns the result. */
function routes(
  state: State,
  kind: ObjectKind,
  subresource: string,
  show: (object: KubernetesObject) => JsonObject,
  write: (object: KubernetesObject, next: JsonObject, request: SandboxRequest) => JsonObject
): Route[] {
  const pattern = pathPatterns(kind).item(`/${subresource}`)
  const respond =
    (verb: string, answer: (object: KubernetesObject, request: SandboxRequest) => JsonObject): Handler =>
    (request, { namespace = '', name = '' }) => {
      requirePermission(state, verb, kind, { namespace, name }, subresource)
      const body = answer(getObject(state, kind, { namespace, name }), request)
      runControllers(state)
      return { status: 200, body }
    }
  return [
    { method: 'GET', pattern, handler: respond('get', show) },
    {
      method: 'PUT',
      pattern,
      handler: respond('update', (object, request) => write(object, readObject(request), request))
    },
    {
      method: 'PATCH',
      pattern,
      handler: respond('patch', (object, request) =>
        write(object, requireObject(patchedContent(show(object), request, kind.schema)), request)
      )
    }
  ]
}

/** Returns the Scale v1 autoscaling of an object. `kubectl scale` reads and writes it. */
function scaleOf({ metadata, spec, status }: KubernetesObject): JsonObject {
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = metadata
  const { replicas = 1, selector } = isJsonObject(spec) ? spec : {}
  const matchLabels =
    isJsonObject(selector) && isJsonObject(selector.matchLabels) ? Object.entries(selector.matchLabels) : []
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas },
    status: {
      replicas: isJsonObject(status) ? (status.replicas ?? 0) : 0,
      selector: matchLabels.map(([key, value]) => `${key}=${typeof value === 'string' ? value : ''}`).join(',')
    }
  }
}

/** Returns the object with the replicas of a scale. */
function withScale(object: KubernetesObject, scale: JsonObject): JsonObject {
  const spec = isJsonObject(object.spec) ? object.spec : {}
  return { ...object, spec: { ...spec, replicas: isJsonObject(scale.spec) ? (scale.spec.replicas ?? 0) : 0 } }
}
