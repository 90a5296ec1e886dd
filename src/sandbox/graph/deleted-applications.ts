import type { Handler, Parameters, Route } from '../http.js'
import { wholeSeconds } from '../time.js'
import type { Application, DeletedApplication, World } from '../world.js'
import { entity, nothing } from './answers.js'
import { applicationFilterable, applicationJson } from './application-json.js'
import { notFound } from './errors.js'
import { list, selectOne } from './list.js'
import { item, objectId, path, reference } from './paths.js'

/** Soft: the application goes to the deleted items with its credentials, and takes its service principal along (Graph reference; recorded). */
export function deleteApplication(world: World, application: Application): void {
  const servicePrincipals = [...world.servicePrincipals.values()].filter(principal => principal.appId === application.appId)
  for (const principal of servicePrincipals) world.servicePrincipals.delete(principal.id)
  world.applications.delete(application.id)
  const deletedDateTime = wholeSeconds(world.now())
  world.deletedApplications.set(application.id, { ...application, deletedDateTime, servicePrincipals })
}

/** `/directory/deletedItems`, for applications: list (the type in the path is needed), read, purge, restore. */
export function deletedApplicationRoutes(world: World): Route[] {
  const one = path(`directory/deletedItems${item('deleted')}`)

  const read: Handler = (request, parameters) => {
    const deleted = applicationJson(world, deletedOf(world, parameters))
    const [context, object] = selectOne(request, 'directoryObjects/$entity', deleted, applicationFilterable)
    return entity(request, context, { '@odata.type': '#microsoft.graph.application', ...object })
  }
  const restore: Handler = (request, parameters) => {
    const { servicePrincipals, ...deleted } = deletedOf(world, parameters)
    const application: Application = { ...deleted, deletedDateTime: null }
    world.deletedApplications.delete(application.id)
    world.applications.set(application.id, application)
    for (const principal of servicePrincipals) world.servicePrincipals.set(principal.id, principal)
    const object = { '@odata.type': '#microsoft.graph.application', ...applicationJson(world, application) }
    return entity(request, 'directoryObjects/$entity', object)
  }

  return [
    {
      method: 'GET', pattern: path('directory/deletedItems/microsoft\\.graph\\.application'), handler: request => {
        const all = [...world.deletedApplications.values()].map(application => applicationJson(world, application))
        return list(request, 'applications', all, applicationFilterable)
      }
    },
    { method: 'GET', pattern: one, handler: read },
    { method: 'POST', pattern: path(`directory/deletedItems${item('deleted')}/restore`), handler: restore },
    {
      method: 'DELETE', pattern: one, handler: (_request, parameters) => {
        const deleted = deletedOf(world, parameters)
        world.deletedApplications.delete(deleted.id)
        world.clientCredentials.secrets.delete(deleted.appId)
        world.clientCredentials.certificates.delete(deleted.appId)
        return nothing()
      }
    }
  ]
}

function deletedOf(world: World, parameters: Parameters): DeletedApplication {
  const { value } = reference(parameters, 'deleted', [])
  const deleted = world.deletedApplications.get(objectId(value))
  if (deleted === undefined) throw notFound(value)
  return deleted
}
