import type { Handler, Parameters, Route } from '../http.js'
import type { ServicePrincipal } from '../directory.js'
import type { World } from '../world.js'
import { created, entity, nothing } from './answers.js'
import { readBody } from './body.js'
import { deleteServicePrincipal } from './deleted-items.js'
import { notFound, requestDenied } from './errors.js'
import { list, selectOne } from './list.js'
import { item, objectId, path, reference } from './paths.js'
import { servicePrincipalFilterable, servicePrincipalJson } from './service-principal-json.js'
import { createServicePrincipal, findServicePrincipal, updateServicePrincipal } from './service-principal-write.js'

/** `/servicePrincipals`, addressed by object id or by `(appId='…')`. */
export function servicePrincipalRoutes(world: World): Route[] {
  const collection = path('servicePrincipals')
  const one = path(`servicePrincipals${item('principal')}`)

  const create: Handler = request => {
    const principal = createServicePrincipal(world, readBody(request))
    const location = `directoryObjects/${principal.id}/Microsoft.DirectoryServices.ServicePrincipal`
    return created(world, request, 'servicePrincipals/$entity', servicePrincipalJson(principal), location)
  }
  const read: Handler = (request, parameters) => {
    const principal = servicePrincipalJson(principalOf(world, parameters))
    return entity(request, ...selectOne(request, 'servicePrincipals/$entity', principal, servicePrincipalFilterable))
  }
  const remove: Handler = (_request, parameters) => {
    const principal = principalOf(world, parameters)
    // It belongs to the identity's resource provider: it goes when the identity goes.
    if (principal.servicePrincipalType === 'ManagedIdentity') throw requestDenied()
    deleteServicePrincipal(world, principal)
    return nothing()
  }

  return [
    {
      method: 'GET',
      pattern: collection,
      handler: request => {
        const seen = [...world.servicePrincipals.values()].filter(principal => isSeen(world, principal))
        return list(request, 'servicePrincipals', seen.map(servicePrincipalJson), servicePrincipalFilterable)
      }
    },
    { method: 'POST', pattern: collection, handler: create },
    { method: 'GET', pattern: one, handler: read },
    {
      method: 'PATCH',
      pattern: one,
      handler: (request, parameters) => {
        updateServicePrincipal(principalOf(world, parameters), readBody(request))
        return nothing()
      }
    },
    { method: 'DELETE', pattern: one, handler: remove }
  ]
}

function principalOf(world: World, parameters: Parameters): ServicePrincipal {
  const { key, value } = reference(parameters, 'principal', ['appId'])
  const principal =
    key === undefined ? world.servicePrincipals.get(objectId(value)) : findServicePrincipal(world, objectId(value))
  if (principal === undefined || !isSeen(world, principal)) throw notFound(value)
  return principal
}

function isSeen(world: World, { id }: ServicePrincipal): boolean {
  return world.replication.isVisible('servicePrincipal', id)
}
