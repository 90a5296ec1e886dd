import type { Handler, Route, SandboxRequest, SandboxResponse } from '../http.js'
import type { World } from '../world.js'
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
export function objectRoutes(world: World): Route[] {
  return [
    ...allKinds.flatMap(kind => [...kindRoutes(world, kind), ...subresourceRoutes(world, kind)]),
    {
      method: 'POST',
      pattern: patternsOf(serviceAccounts).item('/token'),
      handler: async (request, parameters) => {
        requireRight(world, 'create', serviceAccounts, address(parameters), 'token')
        return { status: 201, body: await createToken(world, address(parameters), readObject(request)) }
      }
    },
    {
      method: 'POST',
      pattern: /^\/apis\/authorization\.k8s\.io\/v1\/selfsubjectaccessreviews$/,
      handler: request => ({ status: 201, body: reviewAccess(world, readObject(request)) })
    }
  ]
}

function kindRoutes(world: World, kind: ObjectKind): Route[] {
  const { everywhere, collection, item } = patternsOf(kind)
  const one = (request: SandboxRequest, object: KubernetesObject, status = 200) =>
    present(world, kind, request, object, status)
  /** Behind the caller's rights; after a write, controllers do their part before it is answered. */
  const reads =
    (verb: string, handler: Handler): Handler =>
    (request, parameters) => {
      requireRight(world, verb, kind, address(parameters))
      return handler(request, parameters)
    }
  const writes = (verb: string, handler: (...asked: Parameters<Handler>) => SandboxResponse): Handler =>
    reads(verb, (request, parameters) => {
      const answer = handler(request, parameters)
      settle(world)
      return answer
    })
  const list: Handler = reads('list', (request, { namespace = '' }) => {
    const { items, metadata } = listObjects(world, kind, namespace, request.query)
    const body = wantsTable(request)
      ? toTable(kind, items, metadata, request.query, world.now())
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
        one(request, createObject(world, kind, namespace, readObject(request), writeOptions(request)), 201)
      )
    },
    {
      method: 'GET',
      pattern: item(),
      handler: reads('get', (request, parameters) => one(request, getObject(world, kind, address(parameters))))
    },
    {
      method: 'PUT',
      pattern: item(),
      handler: writes('update', (request, parameters) =>
        one(request, updateObject(world, kind, address(parameters), readObject(request), writeOptions(request)))
      )
    },
    {
      method: 'PATCH',
      pattern: item(),
      handler: writes('patch', (request, parameters) => {
        const { object, created } = patchObject(world, kind, address(parameters), request, writeOptions(request))
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
          body: deleteObject(world, kind, address(parameters), options, writeOptions(request).dryRun)
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
  world: World,
  kind: ObjectKind,
  request: SandboxRequest,
  object: KubernetesObject,
  status: number
): SandboxResponse {
  const { resourceVersion } = object.metadata
  return {
    status,
    body: wantsTable(request) ? toTable(kind, [object], { resourceVersion }, request.query, world.now()) : object
  }
}

function address({ namespace = '', name = '' }: Readonly<Record<string, string>>): Address {
  return { namespace, name }
}
