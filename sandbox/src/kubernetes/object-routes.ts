import type { Handler, Route, SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'
import type { KubernetesObject } from './cluster.js'
import { runControllers } from './controllers/run-controllers.js'
import { allKinds } from './kinds/all-kinds.js'
import { serviceAccounts } from './kinds/core-kinds.js'
import { type Address, type ObjectKind, pathPatterns } from './kinds/object-kind.js'
import { requirePermission, reviewAccess } from './permissions.js'
import { readObject, readWriteOptions } from './read-request.js'
import { deleteObject } from './storage/delete-object.js'
import { listObjects } from './storage/list-objects.js'
import { patchObject } from './storage/patch-object.js'
import { createObject, getObject, updateObject } from './storage/store.js'
import { subresourceRoutes } from './subresources.js'
import { toTable, wantsTable } from './table.js'
import { createToken } from './token-request.js'

/** Returns the routes of all kinds and their subresources, of TokenRequest and of SelfSubjectAccessReview. */
export function objectRoutes(state: State): Route[] {
  return [
    ...allKinds.flatMap(kind => [...kindRoutes(state, kind), ...subresourceRoutes(state, kind)]),
    {
      method: 'POST',
      pattern: pathPatterns(serviceAccounts).item('/token'),
      handler: async (request, parameters) => {
        requirePermission(state, 'create', serviceAccounts, addressOf(parameters), 'token')
        return { status: 201, body: await createToken(state, addressOf(parameters), readObject(request)) }
      }
    },
    {
      method: 'POST',
      pattern: /^\/apis\/authorization\.k8s\.io\/v1\/selfsubjectaccessreviews$/,
      handler: request => ({ status: 201, body: reviewAccess(state, readObject(request)) })
    }
  ]
}

function kindRoutes(state: State, kind: ObjectKind): Route[] {
  const { allNamespaces, collection, item } = pathPatterns(kind)
  const respond = (request: SandboxRequest, object: KubernetesObject, status = 200) =>
    objectResponse(state, kind, request, object, status)
  const requiring =
    (verb: string, handler: Handler): Handler =>
    (request, parameters) => {
      requirePermission(state, verb, kind, addressOf(parameters))
      return handler(request, parameters)
    }
  // The controllers run before the response is sent, so that the caller finds their results.
  const writing = (verb: string, handler: (...request: Parameters<Handler>) => SandboxResponse): Handler =>
    requiring(verb, (request, parameters) => {
      const response = handler(request, parameters)
      runControllers(state)
      return response
    })
  const list: Handler = requiring('list', (request, { namespace = '' }) => {
    const { items, metadata } = listObjects(state, kind, namespace, request.query)
    const body = wantsTable(request)
      ? toTable(kind, items, metadata, request.query, state.now())
      : { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata, items: items.map(listItem) }
    return { status: 200, body }
  })
  return [
    ...(kind.namespaced ? [{ method: 'GET', pattern: allNamespaces, handler: list }] : []),
    { method: 'GET', pattern: collection, handler: list },
    {
      method: 'POST',
      pattern: collection,
      handler: writing('create', (request, { namespace = '' }) =>
        respond(request, createObject(state, kind, namespace, readObject(request), readWriteOptions(request)), 201)
      )
    },
    {
      method: 'GET',
      pattern: item(),
      handler: requiring('get', (request, parameters) =>
        respond(request, getObject(state, kind, addressOf(parameters)))
      )
    },
    {
      method: 'PUT',
      pattern: item(),
      handler: writing('update', (request, parameters) =>
        respond(
          request,
          updateObject(state, kind, addressOf(parameters), readObject(request), readWriteOptions(request))
        )
      )
    },
    {
      method: 'PATCH',
      pattern: item(),
      handler: writing('patch', (request, parameters) => {
        const { object, created } = patchObject(state, kind, addressOf(parameters), request, readWriteOptions(request))
        return respond(request, object, created ? 201 : 200)
      })
    },
    {
      method: 'DELETE',
      pattern: item(),
      handler: writing('delete', (request, parameters) => {
        const options = request.body.length === 0 ? {} : readObject(request)
        return {
          status: 200,
          body: deleteObject(state, kind, addressOf(parameters), options, readWriteOptions(request).dryRun)
        }
      })
    }
  ]
}

/** Returns the object without `kind` and `apiVersion`, which only the list itself has. */
function listItem(object: KubernetesObject): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== 'kind' && name !== 'apiVersion'))
}

function objectResponse(
  state: State,
  kind: ObjectKind,
  request: SandboxRequest,
  object: KubernetesObject,
  status: number
): SandboxResponse {
  const { resourceVersion } = object.metadata
  return {
    status,
    body: wantsTable(request) ? toTable(kind, [object], { resourceVersion }, request.query, state.now()) : object
  }
}

function addressOf({ namespace = '', name = '' }: Readonly<Record<string, string>>): Address {
  return { namespace, name }
}
