import type { SandboxRequest } from '../server/http.js'
import type { State } from '../state.js'
import { callerOf } from './authorization.js'

/**
 * Records the caller as the owner of an object that it creates. Entra does so for users, and for applications with the permission
 * Application.ReadWrite.OwnedBy (Graph reference, application-post-applications).
 */
export function addOwner(state: State, request: SandboxRequest, id: string): void {
  const caller = callerOf(request)
  const principal = state.servicePrincipals.get(caller)
  state.owners.set(id, [{ id: caller, displayName: principal?.displayName ?? caller }])
}
