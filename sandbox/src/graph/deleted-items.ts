import type { Handler, Parameters, Route, SandboxRequest, SandboxResponse } from '../server/http.js'
import { wholeSeconds } from '../dates.js'
import type { Application, DeletedApplication, ServicePrincipal } from './directory.js'
import type { State } from '../state.js'
import { entity, noContent } from './responses.js'
import { applicationFilterable, applicationJson } from './application-json.js'
import { requireOwnership } from './authorization.js'
import { notFound } from './errors.js'
import { list, selectOne } from './list.js'
import { item, objectId, path, reference } from './paths.js'
import { servicePrincipalFilterable, servicePrincipalJson } from './service-principal-json.js'

/**
 * Moves an application with its credentials, and its service principal, to the deleted items (Graph reference;
 * recorded).
 */
export function deleteApplication(state: State, application: Application): void {
  for (const principal of state.servicePrincipals.values())
    if (principal.appId === application.appId) deleteServicePrincipal(state, principal)
  state.applications.delete(application.id)
  state.deletedApplications.set(application.id, { ...application, deletedDateTime: wholeSeconds(state.now()) })
}

/** Moves a service principal to the deleted items. */
export function deleteServicePrincipal(state: State, principal: ServicePrincipal): void {
  state.servicePrincipals.delete(principal.id)
  state.deletedServicePrincipals.set(principal.id, { ...principal, deletedDateTime: wholeSeconds(state.now()) })
}

/**
 * Routes of `/directory/deletedItems`: list (the path must name a type) and restore; for applications also read and
 * delete permanently. Restoring an application does not restore its service principal (Graph reference,
 * directory-deleteditems-restore).
 */
export function deletedItemRoutes(state: State): Route[] {
  const one = path(`directory/deletedItems${item('deleted')}`)

  const read: Handler = (request, parameters) => {
    const deleted = applicationJson(state, deletedOf(state, parameters))
    const [context, object] = selectOne(request, 'directoryObjects/$entity', deleted, applicationFilterable)
    return entity(request, context, { '@odata.type': '#microsoft.graph.application', ...object })
  }
  const restore: Handler = (request, parameters) => {
    const id = objectId(reference(parameters, 'deleted', []).value)
    requireOwnership(state, request, id)
    const principal = state.deletedServicePrincipals.get(id)
    if (principal !== undefined) return restorePrincipal(state, principal, request)
    const application: Application = { ...deletedOf(state, parameters), deletedDateTime: null }
    state.deletedApplications.delete(application.id)
    state.applications.set(application.id, application)
    const object = { '@odata.type': '#microsoft.graph.application', ...applicationJson(state, application) }
    return entity(request, 'directoryObjects/$entity', object)
  }

  return [
    {
      method: 'GET',
      pattern: path('directory/deletedItems/microsoft\\.graph\\.application'),
      handler: request => {
        const all = [...state.deletedApplications.values()].map(application => applicationJson(state, application))
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
          [...state.deletedServicePrincipals.values()].map(servicePrincipalJson),
          servicePrincipalFilterable
        )
    },
    { method: 'GET', pattern: one, handler: read },
    { method: 'POST', pattern: path(`directory/deletedItems${item('deleted')}/restore`), handler: restore },
    {
      method: 'DELETE',
      pattern: one,
      handler: (request, parameters) => {
        const deleted = deletedOf(state, parameters)
        requireOwnership(state, request, deleted.id)
        state.deletedApplications.delete(deleted.id)
        state.clientCredentials.secrets.delete(deleted.appId)
        state.clientCredentials.certificates.delete(deleted.appId)
        return noContent()
      }
    }
  ]
}

function restorePrincipal(state: State, principal: ServicePrincipal, request: SandboxRequest): SandboxResponse {
  const restored: ServicePrincipal = { ...principal, deletedDateTime: null }
  state.deletedServicePrincipals.delete(restored.id)
  state.servicePrincipals.set(restored.id, restored)
  return entity(request, 'directoryObjects/$entity', {
    '@odata.type': '#microsoft.graph.servicePrincipal',
    ...servicePrincipalJson(restored)
  })
}

function deletedOf(state: State, parameters: Parameters): DeletedApplication {
  const { value } = reference(parameters, 'deleted', [])
  const deleted = state.deletedApplications.get(objectId(value))
  if (deleted === undefined) throw notFound(value)
  return deleted
}
