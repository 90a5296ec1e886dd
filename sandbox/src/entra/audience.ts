import type { State } from '../state.js'
import { EntraError } from './errors.js'

/**
 * Returns the audience for a scope: the part before `/.default`, unchanged, even if it ends with a slash. Throws an
 * EntraError for an unknown one.
 */
export function audienceOfScope(state: State, scope: string): string {
  const suffix = '/.default'
  if (!scope.endsWith(suffix)) {
    throw new EntraError(
      1002012,
      'invalid_scope',
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the ` +
        'resource identifier (application ID URI).'
    )
  }
  if (/\s/.test(scope)) {
    throw new EntraError(
      70011,
      'invalid_scope',
      `The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`
    )
  }
  const resource = scope.slice(0, -suffix.length)
  if (!isKnown(state, resource)) {
    throw new EntraError(
      500011,
      'invalid_resource',
      `The resource principal named ${resource} was not found in the tenant named ${state.tenantDisplayName}. This can happen if the ` +
        'application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have ' +
        'sent your authentication request to the wrong tenant.'
    )
  }
  return resource
}

function isKnown(state: State, resource: string): boolean {
  const { graphAudiences, armAudiences, workloadAudiences } = state.cloud
  if (graphAudiences.includes(resource) || armAudiences.includes(resource)) return true
  if (workloadAudiences.includes(resource.replace(/\/$/, ''))) return true
  return [...state.applications.values()].some(
    application => resource === application.appId || application.identifierUris.includes(resource)
  )
}
