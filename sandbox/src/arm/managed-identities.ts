import type { Parameters } from '../server/http.js'
import type { JsonObject } from '../json.js'
import type { ManagedIdentity } from './resources.js'
import type { State } from '../state.js'
import { empty, json, listing } from './responses.js'
import { readBody, readLocation, readTags } from './request.js'
import { ArmError, badRequest, resourceNotFound } from './errors.js'
import { createManagedIdentity, deleteManagedIdentity } from './managed-identity-write.js'
import { findGroup } from './resource-groups.js'
import { findSubscription } from './find-subscription.js'
import { isReadable } from './access.js'
import { isWithin } from './ids.js'
import { type ArmCall, type ArmRoute, path } from './gateway.js'

const type = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const provider = 'providers/Microsoft\\.ManagedIdentity/userAssignedIdentities'

/** The pattern for the path of a user-assigned managed identity. */
export const identityPath = `subscriptions/(?<subscription>[^/]+)/resourcegroups/(?<group>[^/]+)/${provider}/(?<identity>[^/]+)`

/**
 * Routes of user-assigned managed identities. PUT creates one (201), or replaces the tags of an existing one (200).
 * DELETE returns 200 or 204 (recorded).
 */
export function managedIdentityRoutes(state: State): ArmRoute[] {
  const one = path(identityPath)
  const list = (scope: string): JsonObject[] =>
    [...state.managedIdentities.values()]
      .filter(({ id }) => isWithin(id, scope))
      .filter(({ id }) => state.replication.isVisible('managedIdentity', id) && isReadable(state, type, id))
      .map(identityJson)
  const route = (method: string, pattern: RegExp, handler: ArmRoute['handler']): ArmRoute => ({
    method,
    type: 'userAssignedIdentities',
    pattern,
    handler
  })

  return [
    route('GET', path(`subscriptions/(?<subscription>[^/]+)/${provider}`), ({ request, parameters }) =>
      listing(request, list(`/subscriptions/${findSubscription(state, parameters).id}`))
    ),
    route(
      'GET',
      path(`subscriptions/(?<subscription>[^/]+)/resourcegroups/(?<group>[^/]+)/${provider}`),
      ({ request, parameters }) => listing(request, list(groupId(state, parameters)))
    ),
    route('GET', one, ({ parameters }) => json(200, identityJson(identityOf(state, parameters)))),
    route('PUT', one, call => write(state, call)),
    route('PATCH', one, ({ request, parameters }) => {
      const identity = identityOf(state, parameters)
      const body = readBody(request)
      if (body.tags !== undefined) identity.tags = readTags(body)
      return json(200, identityJson(identity))
    }),
    route('DELETE', one, ({ parameters }) => {
      const identity = findIdentity(state, parameters)
      if (identity !== undefined) deleteManagedIdentity(state, identity)
      return empty(identity === undefined ? 204 : 200)
    })
  ]
}

/** Finds the identity that a path names, even if reads do not find it yet. */
export function findIdentity(state: State, parameters: Parameters): ManagedIdentity | undefined {
  return state.managedIdentities.get(identityId(state, parameters).toLowerCase())
}

/** Finds the identity that a path names, unless it is not visible yet because of the `lag` fault. */
export function findVisibleIdentity(state: State, parameters: Parameters): ManagedIdentity | undefined {
  const identity = findIdentity(state, parameters)
  return identity !== undefined && state.replication.isVisible('managedIdentity', identity.id) ? identity : undefined
}

/**
 * Returns the resource ID of the identity that a path names. It has `resourcegroups` in lower case, as in ARM
 * (recorded).
 */
export function identityId(state: State, parameters: Parameters): string {
  return `${groupId(state, parameters)}/providers/${type}/${parameters.identity ?? ''}`
}

function groupId(state: State, parameters: Parameters): string {
  return `/subscriptions/${findSubscription(state, parameters).id}/resourcegroups/${findGroup(state, parameters).name}`
}

function write(state: State, { request, parameters }: ArmCall) {
  const name = parameters.identity ?? ''
  if (!/^[a-z0-9][a-z0-9_-]{2,127}$/i.test(name))
    throw badRequest(`The resource name '${name}' is invalid.`, 'InvalidResourceName')
  const body = readBody(request)
  const location = readLocation(body)
  const tags = readTags(body)
  const existing = findIdentity(state, parameters)
  if (existing === undefined) {
    const identity = createManagedIdentity(state, identityId(state, parameters), location, tags)
    return json(201, identityJson(identity), { location: identity.id })
  }
  if (existing.location !== location) {
    throw new ArmError(
      409,
      'InvalidResourceLocation',
      `The resource '${existing.name}' already exists in location '${existing.location}' in resource group '${existing.resourceGroup}'. ` +
        `A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`
    )
  }
  existing.tags = tags
  return json(200, identityJson(existing))
}

/** Returns the identity that a path names. Throws a 404 if it does not exist or is not visible yet. */
export function identityOf(state: State, parameters: Parameters): ManagedIdentity {
  const identity = findVisibleIdentity(state, parameters)
  if (identity === undefined) throw resourceNotFound(type, parameters.identity ?? '', parameters.group ?? '')
  return identity
}

/** Returns an identity as ARM shows it. */
export function identityJson({
  id,
  name,
  location,
  tags,
  tenantId,
  principalId,
  clientId
}: ManagedIdentity): JsonObject {
  return { location, tags: { ...tags }, id, name, type, properties: { tenantId, principalId, clientId } }
}
