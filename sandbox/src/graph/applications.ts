import type { Handler, Route, SandboxRequest, SandboxResponse } from '../server/http.js'
import type { Application } from './directory.js'
import type { State } from '../state.js'
import { created, entity, noContent } from './responses.js'
import {
  applicationOf,
  applicationPath,
  findByUniqueName,
  isVisible,
  uniqueNameOf,
  writableApplication
} from './application-lookup.js'
import { requireOwnership } from './authorization.js'
import { applicationFilterable, applicationJson } from './application-json.js'
import { createApplication, updateApplication } from './application-write.js'
import { readBody, createsIfMissing } from './request.js'
import { deleteApplication } from './deleted-items.js'
import { list, selectOne } from './list.js'
import { addOwner } from './owner-write.js'
import { path } from './paths.js'

/**
 * Routes of `/applications`: list, create, read, update, delete, and upsert by unique name. A deleted application moves
 * to the deleted items.
 */
export function applicationRoutes(state: State): Route[] {
  const collection = path('applications')
  const one = path(applicationPath)

  const read: Handler = (request, parameters) => {
    const application = applicationJson(state, applicationOf(state, parameters))
    return entity(request, ...selectOne(request, 'applications/$entity', application, applicationFilterable))
  }
  const change: Handler = (request, parameters) => {
    const uniqueName = uniqueNameOf(parameters)
    // An upsert finds an application even if reads do not find it yet, because the directory checks the uniqueness of
    // the name.
    const existing =
      uniqueName !== undefined && createsIfMissing(request)
        ? findByUniqueName(state, uniqueName)
        : applicationOf(state, parameters)
    if (existing === undefined)
      return createdResponse(
        state,
        request,
        createApplication(state, { ...readBody(request), uniqueName: uniqueName ?? null })
      )
    requireOwnership(state, request, existing.id)
    updateApplication(state, existing, readBody(request))
    return noContent()
  }

  return [
    {
      method: 'GET',
      pattern: collection,
      handler: request => {
        const visible = [...state.applications.values()].filter(application => isVisible(state, application))
        const all = visible.map(application => applicationJson(state, application))
        return list(request, 'applications', all, applicationFilterable)
      }
    },
    {
      method: 'POST',
      pattern: collection,
      handler: request => createdResponse(state, request, createApplication(state, readBody(request)))
    },
    { method: 'GET', pattern: one, handler: read },
    { method: 'PATCH', pattern: one, handler: change },
    {
      method: 'DELETE',
      pattern: one,
      handler: (request, parameters) => {
        deleteApplication(state, writableApplication(state, request, parameters))
        return noContent()
      }
    }
  ]
}

function createdResponse(state: State, request: SandboxRequest, application: Application): SandboxResponse {
  addOwner(state, request, application.id)
  const location = `directoryObjects/${application.id}/Microsoft.DirectoryServices.Application`
  return created(state, request, 'applications/$entity', applicationJson(state, application, 'created'), location)
}
