import type { Handler, Route, SandboxRequest, SandboxResponse } from '../server/http.js'
import type { Application } from './directory.js'
import type { State } from '../state.js'
import { created, entity, nothing } from './answers.js'
import { applicationOf, applicationPath, isSeen, uniqueNameOf, findByUniqueName } from './application-lookup.js'
import { applicationFilterable, applicationJson } from './application-json.js'
import { createApplication, updateApplication } from './application-write.js'
import { readBody, createsIfMissing } from './request.js'
import { deleteApplication } from './deleted-items.js'
import { list, selectOne } from './list.js'
import { path } from './paths.js'

/** `/applications`: list, create, read, change, delete (softly), and the upsert by unique name. */
export function applicationRoutes(state: State): Route[] {
  const collection = path('applications')
  const one = path(applicationPath)

  const read: Handler = (request, parameters) => {
    const application = applicationJson(state, applicationOf(state, parameters))
    return entity(request, ...selectOne(request, 'applications/$entity', application, applicationFilterable))
  }
  const change: Handler = (request, parameters) => {
    const uniqueName = uniqueNameOf(parameters)
    // The name is claimed where it must be unique, so an upsert knows of an application that reads do not see yet.
    const existing =
      uniqueName !== undefined && createsIfMissing(request)
        ? findByUniqueName(state, uniqueName)
        : applicationOf(state, parameters)
    if (existing === undefined)
      return made(state, request, createApplication(state, { ...readBody(request), uniqueName: uniqueName ?? null }))
    updateApplication(state, existing, readBody(request))
    return nothing()
  }

  return [
    {
      method: 'GET',
      pattern: collection,
      handler: request => {
        const seen = [...state.applications.values()].filter(application => isSeen(state, application))
        const all = seen.map(application => applicationJson(state, application))
        return list(request, 'applications', all, applicationFilterable)
      }
    },
    {
      method: 'POST',
      pattern: collection,
      handler: request => made(state, request, createApplication(state, readBody(request)))
    },
    { method: 'GET', pattern: one, handler: read },
    { method: 'PATCH', pattern: one, handler: change },
    {
      method: 'DELETE',
      pattern: one,
      handler: (_request, parameters) => {
        deleteApplication(state, applicationOf(state, parameters))
        return nothing()
      }
    }
  ]
}

function made(state: State, request: SandboxRequest, application: Application): SandboxResponse {
  const location = `directoryObjects/${application.id}/Microsoft.DirectoryServices.Application`
  return created(state, request, 'applications/$entity', applicationJson(state, application, 'created'), location)
}
