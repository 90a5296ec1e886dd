import type { JsonObject } from '../json.js'
import type { RoleAssignment } from './resources.js'
import type { State } from '../state.js'
import { empty, json, listing } from './responses.js'
import { readBody } from './request.js'
import { ArmError, badRequest } from './errors.js'
import { isGuid } from './ids.js'
import { writeRoleAssignment } from './role-assignment-write.js'
import { parseRoleFilter, type RoleFilter } from './role-filter.js'
import { roleDefinitionId, roleGuid, scopeOf, scopePattern } from './role-scope.js'
import { isAtOrBelow } from './scope-hierarchy.js'
import { type ArmCall, type ArmRoute, path } from './gateway.js'

const supportedFilters = ['principalId', 'roleDefinitionId', 'atScope()', 'assignedTo()']

/**
 * Routes of role assignments, whose name is a GUID. DELETE returns the deleted assignment, or a 204 if there was none
 * (recorded).
 */
export function roleAssignmentRoutes(state: State): ArmRoute[] {
  const collection = path(`${scopePattern}roleAssignments`)
  const one = path(`${scopePattern}roleAssignments/(?<assignment>[^/]+)`)
  const isVisible = ({ id }: RoleAssignment): boolean => state.replication.isVisible('roleAssignment', id)
  return [
    {
      method: 'GET',
      type: 'roleAssignments',
      pattern: collection,
      handler: ({ request, parameters }) => {
        const filter = parseRoleFilter(request.query.get('$filter'), supportedFilters)
        const scope = scopeOf(parameters)
        return listing(
          request,
          [...state.roleAssignments.values()]
            .filter(found => isVisible(found) && isListed(state, found, scope, filter))
            .map(found => assignmentJson(found, scope))
        )
      }
    },
    {
      method: 'GET',
      type: 'roleAssignments',
      pattern: one,
      handler: call => {
        const name = assignmentName(call)
        const assignment = state.roleAssignments.get(assignmentId(call).toLowerCase())
        if (assignment === undefined || !isVisible(assignment))
          throw new ArmError(404, 'RoleAssignmentNotFound', `The role assignment '${name}' is not found.`)
        return json(200, assignmentJson(assignment))
      }
    },
    {
      // An update also returns 201, and the response to a write has no `createdBy` (recorded).
      method: 'PUT',
      type: 'roleAssignments',
      pattern: one,
      handler: call => {
        const target = { id: assignmentId(call), name: assignmentName(call), scope: scopeOf(call.parameters) }
        const assignment = writeRoleAssignment(state, target, readBody(call.request), call.caller.oid)
        return json(201, assignmentJson({ ...assignment, createdBy: null }))
      }
    },
    {
      method: 'DELETE',
      type: 'roleAssignments',
      pattern: one,
      handler: call => {
        assignmentName(call)
        const id = assignmentId(call)
        const assignment = state.roleAssignments.get(id.toLowerCase())
        state.roleAssignments.delete(id.toLowerCase())
        return assignment === undefined ? empty(204) : json(200, assignmentJson(assignment))
      }
    }
  ]
}

/**
 * Reports whether an assignment belongs to a list: it is at, above or below the scope. `atScope()` excludes those below
 * (RBAC REST reference).
 */
function isListed(
  state: State,
  assignment: RoleAssignment,
  scope: string,
  { equal, atScope, assignedTo }: RoleFilter
): boolean {
  const principal = equal.get('principalid') ?? assignedTo
  const role = equal.get('roledefinitionid')
  const above = isAtOrBelow(state, scope, assignment.scope)
  return (
    (above || (!atScope && isAtOrBelow(state, assignment.scope, scope))) &&
    (principal === undefined || principal.toLowerCase() === assignment.principalId.toLowerCase()) &&
    (role === undefined || roleGuid(role) === roleGuid(assignment.roleDefinitionId))
  )
}

function assignmentName({ parameters }: ArmCall): string {
  const name = parameters.assignment ?? ''
  if (!isGuid(name))
    throw badRequest(
      `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
      'InvalidRoleAssignmentId'
    )
  return name
}

function assignmentId(call: ArmCall): string {
  const scope = scopeOf(call.parameters)
  return `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleAssignments/${assignmentName(call)}`
}

/**
 * Returns an assignment as ARM shows it to a request at a scope. In a subscription, the ID of the role is below that
 * subscription, even if the assignment is at a scope above it (recorded).
 */
function assignmentJson(assignment: RoleAssignment, requestScope = assignment.scope): JsonObject {
  const {
    id,
    name,
    principalId,
    principalType,
    scope,
    condition,
    conditionVersion,
    createdOn,
    updatedOn,
    createdBy,
    updatedBy
  } = assignment
  return {
    properties: {
      roleDefinitionId: roleDefinitionId(requestScope, roleGuid(assignment.roleDefinitionId)),
      principalId,
      principalType,
      scope,
      condition,
      conditionVersion,
      createdOn,
      updatedOn,
      createdBy,
      updatedBy,
      delegatedManagedIdentityResourceId: null,
      description: assignment.description
    },
    id,
    type: 'Microsoft.Authorization/roleAssignments',
    name
  }
}
