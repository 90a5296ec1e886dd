import type { JsonObject } from '../json.js'
import type { Handler, Parameters, Route } from '../server/http.js'
import type { State } from '../state.js'
import { applicationOf, applicationPath } from './application-lookup.js'
import type { DirectoryOwner } from './directory.js'
import { requestDenied } from './errors.js'
import type { Filterable } from './filter.js'
import { list } from './list.js'
import { item, path } from './paths.js'
import { principalOf } from './service-principals.js'

const filterable: Filterable = {
  resource: 'DirectoryObject',
  type: 'microsoft.graph.directoryObject',
  properties: ['id', 'displayName', 'userPrincipalName'],
  operators: {},
  caseSensitive: false,
  combinations: false
}

/** Routes of `/applications/{id}/owners` and `/servicePrincipals/{id}/owners`. They only list. */
export function ownerRoutes(state: State): Route[] {
  const route = (pattern: string, find: (parameters: Parameters) => { readonly id: string }): Route => {
    const handler: Handler = (request, parameters) => {
      if (state.denied.has('graph owners')) throw requestDenied()
      const owners = state.owners.get(find(parameters).id) ?? []
      return list(
        request,
        'directoryObjects',
        owners.map(owner => ownerJson(owner, !state.denied.has('graph users'))),
        filterable
      )
    }
    return { method: 'GET', pattern: path(`${pattern}/owners`), handler }
  }
  return [
    route(applicationPath, parameters => applicationOf(state, parameters)),
    route(`servicePrincipals${item('principal')}`, parameters => principalOf(state, parameters))
  ]
}

/**
 * Returns an owner as Graph shows it. A caller who may not read users sees the ID of a user, and null as every other
 * property (Graph reference, application-list-owners).
 */
function ownerJson({ id, displayName, userPrincipalName }: DirectoryOwner, canReadUsers: boolean): JsonObject {
  if (userPrincipalName === undefined) return { '@odata.type': '#microsoft.graph.servicePrincipal', id, displayName }
  return {
    '@odata.type': '#microsoft.graph.user',
    id,
    displayName: canReadUsers ? displayName : null,
    userPrincipalName: canReadUsers ? userPrincipalName : null
  }
}
