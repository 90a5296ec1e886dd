import type { Handler, Route } from '../server/http.js'
import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { collection } from './responses.js'
import { applicationJson } from './application-json.js'
import { readBody, optionalStrings } from './request.js'
import { malformed } from './errors.js'
import { path } from './paths.js'
import { servicePrincipalJson } from './service-principal-json.js'

/**
 * Routes of `directoryObjects/getByIds` (ignores IDs that do not exist), `/organization`, and `/me`, which fails for an
 * application.
 */
export function directoryObjectRoutes(state: State): Route[] {
  const getByIds: Handler = request => {
    const body = readBody(request)
    const ids = optionalStrings(body, 'ids', 'DirectoryObject')
    if (ids === undefined) throw malformed("Invalid request: the parameter 'ids' is required.")
    const types = optionalStrings(body, 'types', 'DirectoryObject') ?? ['directoryObject']
    return collection(
      request,
      'directoryObjects',
      ids.flatMap(id => find(state, id.toLowerCase(), types))
    )
  }
  const organization: Handler = request => {
    const self = { id: state.tenantId, displayName: state.tenantDisplayName, tenantType: 'AAD' }
    return collection(request, 'organization', [self])
  }
  return [
    { method: 'POST', pattern: path('directoryObjects/getByIds'), handler: getByIds },
    { method: 'GET', pattern: path('organization'), handler: organization },
    {
      method: 'GET',
      pattern: path('me'),
      handler: () => {
        throw malformed('/me request is only valid with delegated authentication flow.')
      }
    }
  ]
}

function find(state: State, id: string, types: readonly string[]): JsonObject[] {
  const wants = (type: string): boolean => types.includes(type) || types.includes('directoryObject')
  const principal = state.servicePrincipals.get(id)
  if (principal !== undefined && wants('servicePrincipal') && state.replication.isVisible('servicePrincipal', id)) {
    return [{ '@odata.type': '#microsoft.graph.servicePrincipal', ...servicePrincipalJson(principal) }]
  }
  const application = state.applications.get(id)
  if (application !== undefined && wants('application') && state.replication.isVisible('application', id)) {
    return [{ '@odata.type': '#microsoft.graph.application', ...applicationJson(state, application) }]
  }
  return []
}
