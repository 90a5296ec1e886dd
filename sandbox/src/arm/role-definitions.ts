import type { JsonObject } from '../json.js'
import type { RoleDefinition } from './resources.js'
import type { State } from '../state.js'
import { empty, json, listing } from './responses.js'
import { readBody } from './request.js'
import { ArmError } from './errors.js'
import { withoutDashes } from './ids.js'
import { deleteCustomRole, writeCustomRole } from './custom-roles.js'
import { parseRoleFilter, type RoleFilter } from './role-filter.js'
import { roleDefinitionId, scopeOf, scopePattern } from './role-scope.js'
import { isAtOrBelow } from './scope-hierarchy.js'
import { type ArmRoute, path } from './gateway.js'

const supportedFilters = ['roleName', 'type', 'atScope()', 'atScopeAndBelow()']

/**
 * Routes of role definitions. `roleName` is case-insensitive. A custom role exists only at and below its assignable
 * scopes (recorded).
 */
export function roleDefinitionRoutes(state: State): ArmRoute[] {
  const collection = path(`${scopePattern}roleDefinitions`)
  const one = path(`${scopePattern}roleDefinitions/(?<role>[^/]+)`)
  return [
    {
      method: 'GET',
      type: 'roleDefinitions',
      pattern: collection,
      handler: ({ request, parameters }) => {
        const scope = scopeOf(parameters)
        const filter = parseRoleFilter(request.query.get('$filter'), supportedFilters)
        const found = [...state.roleDefinitions.values()].filter(role => isListed(state, role, scope, filter))
        // ARM returns several hundred roles in one page (recorded).
        return listing(
          request,
          found.map(role => roleJson(scope, role)),
          1000
        )
      }
    },
    {
      method: 'GET',
      type: 'roleDefinitions',
      pattern: one,
      handler: ({ parameters }) => {
        const scope = scopeOf(parameters)
        const name = parameters.role ?? ''
        const role = findRole(state, scope, name)
        if (role === undefined) throw new ArmError(404, 'RoleDefinitionDoesNotExist', missingRoleMessage(name))
        return json(200, roleJson(scope, role))
      }
    },
    {
      // An update also returns 201 (recorded). The response to a write has no `createdBy`.
      method: 'PUT',
      type: 'roleDefinitions',
      pattern: one,
      handler: ({ request, parameters, caller }) => {
        const role = writeCustomRole(state, parameters.role ?? '', readBody(request), caller.oid)
        return json(201, roleJson(scopeOf(parameters), { ...role, createdBy: null }))
      }
    },
    {
      method: 'DELETE',
      type: 'roleDefinitions',
      pattern: one,
      handler: ({ parameters }) => {
        const role = deleteCustomRole(state, parameters.role ?? '')
        return role === undefined ? empty(204) : json(200, roleJson(scopeOf(parameters), role))
      }
    }
  ]
}

/** Finds a role by its GUID. Returns undefined if it cannot be assigned at the scope. */
export function findRole(state: State, scope: string, guid: string): RoleDefinition | undefined {
  const role = state.roleDefinitions.get(guid.toLowerCase())
  return role !== undefined && isAssignable(state, role, scope) ? role : undefined
}

/** Returns RBAC's message for a role that does not exist. It has the GUID without dashes. */
export function missingRoleMessage(guid: string): string {
  return `The specified role definition with ID '${withoutDashes(guid)}' does not exist.`
}

function isListed(state: State, role: RoleDefinition, scope: string, { equal, atScopeAndBelow }: RoleFilter): boolean {
  const isInScope =
    isAssignable(state, role, scope) ||
    (atScopeAndBelow &&
      isReplicated(state, role) &&
      role.assignableScopes.some(assignable => isAtOrBelow(state, assignable, scope)))
  const roleName = equal.get('rolename')
  const type = equal.get('type')
  return (
    isInScope &&
    (roleName === undefined || roleName.toLowerCase() === role.roleName.toLowerCase()) &&
    (type === undefined || type.toLowerCase() === role.type.toLowerCase())
  )
}

function isAssignable(state: State, role: RoleDefinition, scope: string): boolean {
  return isReplicated(state, role) && role.assignableScopes.some(assignable => isAtOrBelow(state, scope, assignable))
}

function isReplicated(state: State, { name }: RoleDefinition): boolean {
  return state.replication.isVisible('roleDefinition', name)
}

function roleJson(scope: string, role: RoleDefinition): JsonObject {
  const {
    name,
    roleName,
    type,
    description,
    assignableScopes,
    permissions,
    createdOn,
    updatedOn,
    createdBy,
    updatedBy
  } = role
  return {
    properties: {
      roleName,
      type,
      description,
      assignableScopes: [...assignableScopes],
      permissions: permissions.map(permission => ({ ...permission })),
      createdOn,
      updatedOn,
      createdBy,
      updatedBy
    },
    id: roleDefinitionId(scope, name),
    type: 'Microsoft.Authorization/roleDefinitions',
    name
  }
}
