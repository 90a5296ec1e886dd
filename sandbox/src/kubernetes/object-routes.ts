import type { Handler, Route, SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'
import type { KubernetesObject } from './cluster.js'
import { reviewAccess } from './access-review.js'
import { patternsOf } from './kinds/addresses.js'
import { allKinds } from './kinds/all-kinds.js'
import { readObject } from './read-request.js'
import { deleteObject } from './storage/delete-object.js'
import { type Address, type ObjectKind, serviceAccounts } from './kinds/object-kind.js'
import { listObjects } from './storage/list-objects.js'
import { patchObject } from './storage/patch-object.js'
import { requireRight } from './permissions.js'
import { createObject, getObject, updateObject } from './storage/store.js'
import { subresourceRoutes } from './subresources.js'
import { toTable, wantsTable } from './table.js'
import { createToken } from './token-request.js'
import { settle } from './controllers/run-controllers.js'
import { writeOptions } from './write-options.js'

/** The routes of every kind and its subresources, of TokenRequest and of SelfSubjectAccessReview. */
export function objectRoutes(state: State): Route[] {
  return [
    ...allKinds.flatMap(kind => [...kindRoutes(state, kind), ...subresourceRoutes(state, kind)]),
    {
      method: 'POST',
      pattern: patternsOf(serviceAccounts).item('/token'),
      handler: async (request, parameters) => {
        requireRight(state, 'create', serviceAccounts, address(parameters), 'token')
        return { status: 201, body: await createToken(state, address(parameters), readObject(request)) }
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
  const { everywhere, collection, item } = patternsOf(kind)
  const one = (request: SandboxRequest, object: KubernetesObject, status = 200) =>
    present(state, kind, request, object, status)
  /** Behind the caller's rights; after a write, controllers do their part before it is answered. */
  const reads =
    (verb: string, handler: Handler): Handler =>
    (request, parameters) => {
      requireRight(state, verb, kind, address(parameters))
      return handler(request, parameters)
    }
  const writes = (verb: string, handler: (...asked: Parameters<Handler>) => SandboxResponse): Handler =>
    reads(verb, (request, parameters) => {
      const answer = handler(request, parameters)
      settle(state)
      return answer
    })
  const list: Handler = reads('list', (request, { namespace = '' }) => {
    const { items, metadata } = listObjects(state, kind, namespace, request.query)
    const body = wantsTable(request)
      ? toTable(kind, items, metadata, request.query, state.now())
      : { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata, items: items.map(listItem) }
    return { status: 200, body }
  })
  return [
    ...(kind.namespaced ? [{ method: 'GET', pattern: everywhere, handler: list }] : []),
    { method: 'GET', pattern: collection, handler: list },
    {
      method: 'POST',
      pattern: collection,
      handler: writes('create', (request, { namespace = '' }) =>
        one(request, createObject(state, kind, namespace, readObject(request), writeOptions(request)), 201)
      )
    },
    {
      method: 'GET',
      pattern: item(),
      handler: reads('get', (request, parameters) => one(request, getObject(state, kind, address(parameters))))
    },
    {
      method: 'PUT',
      pattern: item(),
      handler: writes('update', (request, parameters) =>
        one(request, updateObject(state, kind, address(parameters), readObject(request), writeOptions(request)))
      )
    },
    {
      method: 'PATCH',
      pattern: item(),
      handler: writes('patch', (request, parameters) => {
        const { object, created } = patchObject(state, kind, address(parameters), request, writeOptions(request))
        return one(request, object, created ? 201 : 200)
      })
    },
    {
      method: 'DELETE',
      pattern: item(),
      handler: writes('delete', (request, parameters) => {
        const options = request.body.length === 0 ? {} : readObject(request)
        return {
          status: 200,
          body: deleteObject(state, kind, address(parameters), options, writeOptions(request).dryRun)
        }
      })
    }
  ]
}

/** The items of a list say neither kind nor version: the list does. */
function listItem(object: KubernetesObject): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== 'kind' && name !== 'apiVersion'))
}

function present(
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

function address({ namespace = '', name = '' }: Readonly<Record<string, string>>): Address {
  return { namespace, name }
}
