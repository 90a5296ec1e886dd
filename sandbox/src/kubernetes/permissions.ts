import type { State } from '../state.js'
import type { Address } from './kinds/object-kind.js'
import { forbidden, groupResource, type Resource } from './status-error.js'

/** Who the holder of the kubeconfig's token is. */
export const administrator = 'azwi-sandbox-admin'

/** True unless the world denies it. `resource` is the plural, with a subresource after a slash; the group stands between them. */
export function isAllowed({ cluster }: State, verb: string, resource: Resource, subresource = ''): boolean {
  return !cluster.denied.has(`${verb} ${groupResource(resource)}${subresource === '' ? '' : `/${subresource}`}`)
}

/** Refuses what the world denies, with the words of the API server (apiserver, handlers/responsewriters, `forbiddenMessage`). */
export function requireRight(
  state: State,
  verb: string,
  resource: Resource,
  { namespace, name }: Address,
  subresource = ''
): void {
  if (isAllowed(state, verb, resource, subresource)) return
  const path = subresource === '' ? resource.plural : `${resource.plural}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  throw forbidden(
    resource,
    name,
    `User "${administrator}" cannot ${verb} resource "${path}" in API group "${resource.group}" ${where}`
  )
}
