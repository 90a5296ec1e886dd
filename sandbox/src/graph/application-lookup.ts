import type { Parameters, SandboxRequest } from '../server/http.js'
import type { State } from '../state.js'
import { requireOwnership } from './authorization.js'
import type { Application } from './directory.js'
import { notFound } from './errors.js'
import { item, objectId, reference } from './paths.js'

/**
 * The pattern for the path of an application: `applications/{id}`, `applications(appId='…')` or
 * `applications(uniqueName='…')`.
 */
export const applicationPath = `applications${item('application')}`

const alternateKeys = ['appId', 'uniqueName']

/**
 * Returns the application that a path names. Throws a 404 if there is none. A deleted application is not found from
 * that moment on (recorded). With the `lag` fault, a new one is not found for some time.
 */
export function applicationOf(state: State, parameters: Parameters): Application {
  const { key, value } = reference(parameters, 'application', alternateKeys)
  const application =
    key === undefined
      ? state.applications.get(objectId(value))
      : key === 'appId'
        ? findByClientId(state, objectId(value))
        : findByUniqueName(state, value)
  if (application === undefined || !isVisible(state, application)) throw notFound(value)
  return application
}

/** Like `applicationOf`, for a write. Throws a 403 if the caller may write only its own applications. */
export function writableApplication(state: State, request: SandboxRequest, parameters: Parameters): Application {
  const application = applicationOf(state, parameters)
  requireOwnership(state, request, application.id)
  return application
}

/** Returns the unique name in a path, or undefined if the path names the application in another way. */
export function uniqueNameOf(parameters: Parameters): string | undefined {
  const { key, value } = reference(parameters, 'application', alternateKeys)
  return key === 'uniqueName' ? value : undefined
}

/** Reports whether reads find the application yet. */
export function isVisible(state: State, application: Application): boolean {
  return state.replication.isVisible('application', application.id)
}

/** Finds an application by its client ID. Ignores deleted ones. */
export function findByClientId(state: State, clientId: string): Application | undefined {
  return [...state.applications.values()].find(application => application.appId === clientId.toLowerCase())
}

/** Finds an application by its unique name. Ignores deleted ones. */
export function findByUniqueName(state: State, uniqueName: string): Application | undefined {
  return [...state.applications.values()].find(application => hasUniqueName(application, uniqueName))
}

/** Reports whether an application has this unique name, in any letter case. */
export function hasUniqueName(application: Application, uniqueName: string): boolean {
  return application.uniqueName?.toLowerCase() === uniqueName.toLowerCase()
}
