import { type JsonObject, textAt } from '../json.js'
import type { State } from '../state.js'
import { isReadable } from './access.js'
import { typeOf } from './associated-resources.js'
import { badRequest } from './errors.js'
import { type ArmCall, type ArmRoute, path } from './gateway.js'
import { isWithin } from './ids.js'
import { listing } from './responses.js'

/** Routes of the list of all resources, of a subscription or of a resource group. `az resource list` and `az identity list` without a type use it. */
export function resourceListRoutes(state: State): ArmRoute[] {
  const handler = ({ request, parameters: { subscription = '', group } }: ArmCall) => {
    const scope = `/subscriptions/${subscription}${group === undefined ? '' : `/resourceGroups/${group}`}`
    const matches = matcherOf(request.query.get('$filter'))
    const resources = allResources(state).filter(({ id }) => isWithin(id, scope) && isReadable(state, typeOf(id), id))
    return listing(request, resources.map(resourceJson).filter(matches))
  }
  return [
    'subscriptions/(?<subscription>[^/]+)/resources',
    'subscriptions/(?<subscription>[^/]+)/resourcegroups/(?<group>[^/]+)/resources'
  ].map(pattern => ({ method: 'GET', type: 'resources', pattern: path(pattern), handler }))
}

interface Resource {
  readonly id: string
  readonly location: string
  readonly tags?: Record<string, string>
}

/** Returns every resource of the state. */
export function allResources({ managedIdentities, managedClusters, resources }: State): Resource[] {
  return [...managedIdentities.values(), ...managedClusters.values(), ...resources.values()]
}

function resourceJson({ id, location, tags = {} }: Resource): JsonObject {
  return { id, name: id.split('/').at(-1) ?? '', type: typeOf(id), location, tags: { ...tags } }
}

/** Returns the test for a `$filter`. Throws a 400 for another filter than `resourceType eq '…'` or `name eq '…'`. */
function matcherOf(filter: string | null): (resource: JsonObject) => boolean {
  if (filter === null || filter.trim() === '') return () => true
  const [, property, value = ''] = /^\s*(resourceType|name)\s+eq\s+'([^']*)'\s*$/i.exec(filter) ?? []
  if (property === undefined) throw badRequest(`The sandbox does not support the filter "${filter}" here.`)
  const key = property.toLowerCase() === 'name' ? 'name' : 'type'
  return resource => textAt(resource, key).toLowerCase() === value.toLowerCase()
}
