import type { Service } from '../context.js'
import type { Settings } from '../config/settings.js'
import { namesIdentity } from '../identities/choice.js'
import { issuerServices } from '../identities/subject.js'
import type * as assignments from './assignments.js'
import type * as deletion from './deletion.js'

/*
 * What the phases ask in a delete. The decisions are loaded with the first question, because every command that creates has the phases too, and needs none
 * of them. Each function behaves as the one of the same name.
 */

export const decideDeletion: typeof deletion.decideDeletion = async context =>
  (await import('./deletion.js')).decideDeletion(context)

export const assignmentsOf: typeof assignments.assignmentsOf = async context =>
  (await import('./assignments.js')).assignmentsOf(context)

export const listAssignments: typeof assignments.listAssignments = async context =>
  (await import('./assignments.js')).listAssignments(context)

export const assignmentsOfPrincipal: typeof assignments.assignmentsOfPrincipal = async (context, principalId) =>
  (await import('./assignments.js')).assignmentsOfPrincipal(context, principalId)

/** Returns the services that `decideDeletion` calls beside the service of the identity. */
export function deletionServices(settings: Settings): readonly Service[] {
  if (!settings.given('serviceAccountName')) return []
  return namesIdentity(settings) ? issuerServices(settings) : ['kubernetes', ...issuerServices(settings)]
}
