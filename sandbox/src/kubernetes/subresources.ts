import type { Handler, Route, SandboxRequest } from '../server/http.js'
import { isJsonObject, type JsonObject } from '../json.js'
import type { State } from '../state.js'
import { patternsOf } from './kinds/addresses.js'
import { readObject, requireObject } from './read-request.js'
import type { ObjectKind } from './kinds/object-kind.js'
import { patched } from './storage/patch-object.js'
import { requireRight } from './permissions.js'
import { scaled, scaleOf } from './scale.js'
import { conformObject, getObject, updateObject, writeStatus } from './storage/store.js'
import { settle } from './controllers/run-controllers.js'
import { writeOptions } from './write-options.js'

/** `status`, which is written apart from the rest of the object, and `scale`: each is read, replaced, patched. */
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
      const { status } = conformObject(kind, next, false)
      const wanted = isJsonObject(status) ? status : {}
      return writeOptions(request).dryRun ? { ...object, status: wanted } : writeStatus(state, kind, object, wanted)
    }
  )
}

function scaleRoutes(state: State, kind: ObjectKind): Route[] {
  return routes(state, kind, 'scale', scaleOf, (object, next, request) => {
    const { namespace = '', name } = object.metadata
    return scaleOf(updateObject(state, kind, { namespace, name }, scaled(object, next), writeOptions(request)))
  })
}

type Stored = ReturnType<typeof getObject>

function routes(
  state: State,
  kind: ObjectKind,
  subresource: string,
  show: (object: Stored) => JsonObject,
  write: (object: Stored, next: JsonObject, request: SandboxRequest) => JsonObject
): Route[] {
  const pattern = patternsOf(kind).item(`/${subresource}`)
  const respond =
    (verb: string, answer: (object: Stored, request: SandboxRequest) => JsonObject): Handler =>
    (request, { namespace = '', name = '' }) => {
      requireRight(state, verb, kind, { namespace, name }, subresource)
      const body = answer(getObject(state, kind, { namespace, name }), request)
      settle(state)
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
        write(object, requireObject(patched(show(object), request, kind.schema)), request)
      )
    }
  ]
}
