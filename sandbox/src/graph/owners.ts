import type { Handler, Parameters, Route } from '../server/http.js'
import type { State } from '../state.js'
import { applicationOf, applicationPath } from './application-lookup.js'
import type { DirectoryOwner } from './directory.js'
import { requestDenied } from './errors.js'
import { item, path } from './paths.js'
import { collection } from './responses.js'
import { principalOf } from './service-principals.js'

/** Routes of `/applications/{id}/owners` and `/servicePrincipals/{id}/owners`. They only list. */
export function ownerRoutes(state: State): Route[] {
  const route = (pattern: string, find: (parameters: Parameters) => { readonly id: string }): Route => {
    const handler: Handler = (request, parameters) => {
      if (state.denied.has('graph owners')) throw requestDenied()
      const owners = state.owners.get(find(parameters).id) ?? []
      return collection(request, 'directoryObjects', owners.map(ownerJson))
    }
    return { method: 'GET', pattern: path(`${pattern}/owners`), handler }
  }
  return [
    route(applicationPath, parameters => applicationOf(state, parameters)),
    route(`servicePrincipals${item('principal')}`, parameters => principalOf(state, parameters))
  ]
}

function ownerJson({ id, displayName, userPrincipalName }: DirectoryOwner) {
  return userPrincipalName === undefined
    ? { '@odata.type': '#microsoft.graph.servicePrincipal', id, displayName }
    : { '@odata.type': '#microsoft.graph.user', id, displayName, userPrincipalName }
}
