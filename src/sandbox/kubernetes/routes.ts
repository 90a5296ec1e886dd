import type { Handler, Route, SandboxRequest, SandboxResponse } from '../http.js'
import type { World } from '../world.js'
import type { KubernetesObject } from '../cluster.js'
import { readObject } from './body.js'
import { deleteObject } from './delete.js'
import { namespaces, serviceAccounts, type Address, type ObjectKind } from './kinds.js'
import { listObjects } from './list.js'
import { patchObject } from './patch-object.js'
import { createObject, getObject, updateObject } from './store.js'
import { toTable, wantsTable } from './table.js'
import { createToken } from './token-request.js'
import { writeOptions } from './write-options.js'

/** The routes of both kinds, and TokenRequest. */
export function objectRoutes(world: World): Route[] {
  const inNamespace = /^\/api\/v1\/namespaces\/(?<namespace>[^/]+)\/serviceaccounts$/
  return [
    ...kindRoutes(world, namespaces, /^\/api\/v1\/namespaces$/, /^\/api\/v1\/namespaces\/(?<name>[^/]+)$/),
    ...kindRoutes(world, serviceAccounts, inNamespace, /^\/api\/v1\/namespaces\/(?<namespace>[^/]+)\/serviceaccounts\/(?<name>[^/]+)$/),
    { method: 'GET', pattern: /^\/api\/v1\/serviceaccounts$/, handler: list(world, serviceAccounts) },
    {
      method: 'POST', pattern: /^\/api\/v1\/namespaces\/(?<namespace>[^/]+)\/serviceaccounts\/(?<name>[^/]+)\/token$/,
      handler: async (request, parameters) => ({ status: 201, body: await createToken(world, address(parameters), readObject(request)) })
    }
  ]
}

function kindRoutes(world: World, kind: ObjectKind, collection: RegExp, item: RegExp): Route[] {
  const one = (request: SandboxRequest, object: KubernetesObject, status = 200) => present(world, kind, request, object, status)
  return [
    { method: 'GET', pattern: collection, handler: list(world, kind) },
    {
      method: 'POST', pattern: collection,
      handler: (request, { namespace = '' }) =>
        one(request, createObject(world, kind, namespace, readObject(request), writeOptions(request)), 201)
    },
    { method: 'GET', pattern: item, handler: (request, parameters) => one(request, getObject(world, kind, address(parameters))) },
    {
      method: 'PUT', pattern: item,
      handler: (request, parameters) =>
        one(request, updateObject(world, kind, address(parameters), readObject(request), writeOptions(request)))
    },
    {
      method: 'PATCH', pattern: item,
      handler: (request, parameters) => {
        const { object, created } = patchObject(world, kind, address(parameters), request, writeOptions(request))
        return one(request, object, created ? 201 : 200)
      }
    },
    {
      method: 'DELETE', pattern: item,
      handler: (request, parameters) => {
        const options = request.body.length === 0 ? {} : readObject(request)
        return { status: 200, body: deleteObject(world, kind, address(parameters), options, writeOptions(request).dryRun) }
      }
    }
  ]
}

function list(world: World, kind: ObjectKind): Handler {
  return (request, { namespace = '' }) => {
    const { items, metadata } = listObjects(world, kind, namespace, request.query)
    const body = wantsTable(request)
      ? toTable(kind, items, metadata, request.query, world.now())
      : { kind: `${kind.kind}List`, apiVersion: 'v1', metadata, items: items.map(listItem) }
    return { status: 200, body }
  }
}

/** The items of a list say neither kind nor version: the list does. */
function listItem(object: KubernetesObject): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== 'kind' && name !== 'apiVersion'))
}

function present(world: World, kind: ObjectKind, request: SandboxRequest, object: KubernetesObject, status: number): SandboxResponse {
  const { resourceVersion } = object.metadata
  return { status, body: wantsTable(request) ? toTable(kind, [object], { resourceVersion }, request.query, world.now()) : object }
}

function address({ namespace = '', name = '' }: Readonly<Record<string, string>>): Address {
  return { namespace, name }
}
