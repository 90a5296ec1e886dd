import type { Handler, Parameters, Route, SandboxRequest, SandboxResponse } from '../http.js'
import { wholeSeconds } from '../time.js'
import type { Application, DeletedApplication, ServicePrincipal } from '../directory.js'
import type { World } from '../world.js'
import { entity, nothing } from './answers.js'
import { applicationFilterable, applicationJson } from './application-json.js'
import { notFound } from './errors.js'
import { list, selectOne } from './list.js'
import { item, objectId, path, reference } from './paths.js'
import { servicePrincipalFilterable, servicePrincipalJson } from './service-principal-json.js'

/** Soft: the application goes to the deleted items with its credentials, and its service principal after it (Graph reference; recorded). */
export function deleteApplication(world: World, application: Application): void {
  for (const principal of world.servicePrincipals.values())
    if (principal.appId === application.appId) deleteServicePrincipal(world, principal)
  world.applications.delete(application.id)
  world.deletedApplications.set(application.id, { ...application, deletedDateTime: wholeSeconds(world.now()) })
}

/** Soft as well. */
export function deleteServicePrincipal(world: World, principal: ServicePrincipal): void {
  world.servicePrincipals.delete(principal.id)
  world.deletedServicePrincipals.set(principal.id, { ...principal, deletedDateTime: wholeSeconds(world.now()) })
}

/**
 * `/directory/deletedItems`: list (the type in the path is needed) and restore, and of applications read and purge. Restoring an application does
 * not restore its service principal (Graph reference, directory-deleteditems-restore).
 */
export function deletedItemRoutes(world: World): Route[] {
  const one = path(`directory/deletedItems${item('deleted')}`)

  const read: Handler = (request, parameters) => {
    const deleted = applicationJson(world, deletedOf(world, parameters))
    const [context, object] = selectOne(request, 'directoryObjects/$entity', deleted, applicationFilterable)
    return entity(request, context, { '@odata.type': '#microsoft.graph.application', ...object })
  }
  const restore: Handler = (request, parameters) => {
    const principal = world.deletedServicePrincipals.get(objectId(reference(parameters, 'deleted', []).value))
    if (principal !== undefined) return restorePrincipal(world, principal, request)
    const application: Application = { ...deletedOf(world, parameters), deletedDateTime: null }
    world.deletedApplications.delete(application.id)
    world.applications.set(application.id, application)
    const object = { '@odata.type': '#microsoft.graph.application', ...applicationJson(world, application) }
    return entity(request, 'directoryObjects/$entity', object)
  }

  return [
    {
      method: 'GET',
      pattern: path('directory/deletedItems/microsoft\\.graph\\.application'),
      handler: request => {
        const all = [...world.deletedApplications.values()].map(application => applicationJson(world, application))
        return list(request, 'applications', all, applicationFilterable)
      }
    },
    {
      method: 'GET',
      pattern: path('directory/deletedItems/microsoft\\.graph\\.servicePrincipal'),
      handler: request =>
        list(
          request,
          'servicePrincipals',
          [...world.deletedServicePrincipals.values()].map(servicePrincipalJson),
          servicePrincipalFilterable
        )
    },
    { method: 'GET', pattern: one, handler: read },
    { method: 'POST', pattern: path(`directory/deletedItems${item('deleted')}/restore`), handler: restore },
    {
      method: 'DELETE',
      pattern: one,
      handler: (_request, parameters) => {
        const deleted = deletedOf(world, parameters)
        world.deletedApplications.delete(deleted.id)
        world.clientCredentials.secrets.delete(deleted.appId)
        world.clientCredentials.certificates.delete(deleted.appId)
        return nothing()
      }
    }
  ]
}

function restorePrincipal(world: World, principal: ServicePrincipal, request: SandboxRequest): SandboxResponse {
  const restored: ServicePrincipal = { ...principal, deletedDateTime: null }
  world.deletedServicePrincipals.delete(restored.id)
  world.servicePrincipals.set(restored.id, restored)
  return entity(request, 'directoryObjects/$entity', {
    '@odata.type': '#microsoft.graph.servicePrincipal',
    ...servicePrincipalJson(restored)
  })
}

function deletedOf(world: World, parameters: Parameters): DeletedApplication {
  const { value } = reference(parameters, 'deleted', [])
  const deleted = world.deletedApplications.get(objectId(value))
  if (deleted === undefined) throw notFound(value)
  return deleted
}
