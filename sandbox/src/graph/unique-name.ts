import type { Application } from '../directory.js'
import type { State } from '../state.js'
import { badRequest } from './errors.js'
import { invalidValue } from './properties.js'

/**
 * Gives the application its unique name, which it keeps for ever. A soft-deleted application keeps its name too: until it is purged, nobody
 * else can have it, and Graph gives no hint that the other object is a deleted one (microsoftgraph/msgraph-bicep-types #137).
 */
export function claimUniqueName(state: State, application: Application, uniqueName: string | null): void {
  if (uniqueName === application.uniqueName) return
  if (uniqueName === null || application.uniqueName !== null)
    throw badRequest("Property 'uniqueName' is immutable and cannot be changed once it is set.")
  if (uniqueName === '') throw invalidValue('uniqueName', 'Application')
  const others = [...state.applications.values(), ...state.deletedApplications.values()]
  if (others.some(other => other.id !== application.id && sameName(other, uniqueName))) {
    throw badRequest('Another object with the same value for property uniqueName already exists.')
  }
  application.uniqueName = uniqueName
}

/** The living application of that unique name. */
export function findByUniqueName(state: State, uniqueName: string): Application | undefined {
  return [...state.applications.values()].find(application => sameName(application, uniqueName))
}

function sameName(application: Application, uniqueName: string): boolean {
  return application.uniqueName?.toLowerCase() === uniqueName.toLowerCase()
}
