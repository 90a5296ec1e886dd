import type { SandboxRequest } from '../http.js'

/** True for a PATCH that may create: `Prefer: create-if-missing` (Graph reference, upsert). Without it a PATCH of a missing object is a 404. */
export function createsIfMissing(request: SandboxRequest): boolean {
  const preferences = (request.headers.prefer ?? '').split(',').map(preference => preference.trim().toLowerCase())
  return preferences.includes('create-if-missing')
}
