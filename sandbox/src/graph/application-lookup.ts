import type { Parameters } from '../server/http.js'
import type { State } from '../state.js'
import type { Application } from './directory.js'
import { notFound } from './errors.js'
import { item, objectId, reference } from './paths.js'

/** The living application of that unique name. */
export function findByUniqueName(state: State, uniqueName: string): Application | undefined {
  return [...state.applications.values()].find(application => hasUniqueName(application, uniqueName))
}

export function hasUniqueName(application: Application, uniqueName: string): boolean {
  return application.uniqueName?.toLowerCase() === uniqueName.toLowerCase()
}

/** The path of one application: `/applications/{id}`, `(appId='…')` or `(uniqueName='…')`. */
export const applicationPath = `applications${item('application')}`

const keys = ['appId', 'uniqueName']

/**
 * The application that a path names. Throws the 404 of a missing one; a deleted one is missing at once (recorded), and a new one may not have got
 * around yet.
 */
export function applicationOf(state: State, parameters: Parameters): Application {
  const { key, value } = reference(parameters, 'application', keys)
  const application =
    key === undefined
      ? state.applications.get(objectId(value))
      : key === 'appId'
        ? findByClientId(state, objectId(value))
        : findByUniqueName(state, value)
  if (application === undefined || !isSeen(state, application)) throw notFound(value)
  return application
}

/** The unique name of a path that addresses an application by it, else undefined. */
export function uniqueNameOf(parameters: Parameters): string | undefined {
  const { key, value } = reference(parameters, 'application', keys)
  return key === 'uniqueName' ? value : undefined
}

/** Whether reads see the application yet. */
export function isSeen(state: State, application: Application): boolean {
  return state.replication.isVisible('application', application.id)
}

/** The living application of that client id. */
export function findByClientId(state: State, clientId: string): Application | undefined {
  return [...state.applications.values()].find(application => application.appId === clientId.toLowerCase())
}
