import type { Handler, Parameters, Route, SandboxRequest } from '../server/http.js'
import type { ServicePrincipal } from './directory.js'
import type { State } from '../state.js'
import { created, entity, noContent } from './responses.js'
import { requireOwnership } from './authorization.js'
import { readBody } from './request.js'
import { deleteServicePrincipal } from './deleted-items.js'
import { notFound, requestDenied } from './errors.js'
import { list, selectOne } from './list.js'
import { addOwner } from './owner-write.js'
import { item, objectId, path, reference } from './paths.js'
import { servicePrincipalFilterable, servicePrincipalJson } from './service-principal-json.js'
import { createServicePrincipal, findServicePrincipal, updateServicePrincipal } from './service-principal-write.js'

/** Routes of `/servicePrincipals`. The path names one by its object ID or by `(appId='…')`. */
export function servicePrincipalRoutes(state: State): Route[] {
  const collection = path('servicePrincipals')
  const one = path(`servicePrincipals${item('principal')}`)

  const writablePrincipal = (request: SandboxRequest, parameters: Parameters): ServicePrincipal => {
    const principal = principalOf(state, parameters)
    requireOwnership(state, request, principal.id)
    return principal
  }
  const create: Handler = request => {
    const principal = createServicePrincipal(state, readBody(request), application => {
      requireOwnership(state, request, application.id)
    })
    addOwner(state, request, principal.id)
    const location = `directoryObjects/${principal.id}/Microsoft.DirectoryServices.ServicePrincipal`
    return created(state, request, 'servicePrincipals/$entity', servicePrincipalJson(principal), location)
  }
  const read: Handler = (request, parameters) => {
    const principal = servicePrincipalJson(principalOf(state, parameters))
    return entity(request, ...selectOne(request, 'servicePrincipals/$entity', principal, servicePrincipalFilterable))
  }
  const remove: Handler = (request, parameters) => {
    const principal = writablePrincipal(request, parameters)
    // It belongs to ARM, which deletes it with the managed identity.
    if (principal.servicePrincipalType === 'ManagedIdentity') throw requestDenied()
    deleteServicePrincipal(state, principal)
    return noContent()
  }

  return [
    {
      method: 'GET',
      pattern: collection,
      handler: request => {
        const visible = [...state.servicePrincipals.values()].filter(principal => isVisible(state, principal))
        return list(request, 'servicePrincipals', visible.map(servicePrincipalJson), servicePrincipalFilterable)
      }
    },
    { method: 'POST', pattern: collection, handler: create },
    { method: 'GET', pattern: one, handler: read },
    {
      method: 'PATCH',
      pattern: one,
      handler: (request, parameters) => {
        updateServicePrincipal(writablePrincipal(request, parameters), readBody(request))
        return noContent()
      }
    },
    { method: 'DELETE', pattern: one, handler: remove }
  ]
}

/** Returns the service principal that a path names. Throws a 404 if there is none. */
export function principalOf(state: State, parameters: Parameters): ServicePrincipal {
  const { key, value } = reference(parameters, 'principal', ['appId'])
  const principal =
    key === undefined ? state.servicePrincipals.get(objectId(value)) : findServicePrincipal(state, objectId(value))
  if (principal === undefined || !isVisible(state, principal)) throw notFound(value)
  return principal
}

function isVisible(state: State, { id }: ServicePrincipal): boolean {
  return state.replication.isVisible('servicePrincipal', id)
}
