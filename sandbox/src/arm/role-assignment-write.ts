import { isJsonObject, type Json, type JsonObject } from '../json.js'
import type { RoleAssignment } from './resources.js'
import type { State } from '../state.js'
import { sevenDecimals } from '../dates.js'
import { ArmError, badRequest, resourceNotFound } from './errors.js'
import { isGuid, isWithin, sameId, withoutDashes } from './ids.js'
import { allResources } from './resource-list.js'
import { findRole, missingRoleMessage } from './role-definitions.js'
import { roleDefinitionId, roleGuid } from './role-scope.js'

interface AssignmentPath {
  readonly id: string
  readonly name: string
  readonly scope: string
}

/**
 * Creates a role assignment, or updates the description and condition of one. Throws an ArmError if a rule is broken:
 * the role must exist at the scope. The principal must exist, unless the body has a `principalType` (RBAC
 * troubleshooting; terraform-provider-azurerm #18113). An assignment cannot change its role, scope or principal, and
 * there is only one assignment for these three.
 */
export function writeRoleAssignment(
  state: State,
  target: AssignmentPath,
  body: JsonObject,
  caller: string
): RoleAssignment {
  checkScopeExists(state, target.scope)
  const { properties } = body
  if (!isJsonObject(properties)) throw badRequest('The request was incorrectly formatted.', 'BadRequestFormat')
  const roleId = roleDefinitionId(target.scope, requestedRole(state, target.scope, properties.roleDefinitionId))
  const principalId = requestedPrincipal(properties.principalId)
  const principalType = typeOfPrincipal(state, principalId, properties.principalType)
  const same = (other: RoleAssignment): boolean =>
    sameId(other.scope, target.scope) &&
    sameId(other.principalId, principalId) &&
    roleGuid(other.roleDefinitionId) === roleGuid(roleId)

  const others = [...state.roleAssignments.values()]
  const existing = others.find(other => sameId(other.name, target.name))
  if (existing !== undefined && !same(existing)) {
    throw badRequest(
      'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
      'RoleAssignmentUpdateNotPermitted'
    )
  }
  const duplicate = others.find(other => other !== existing && same(other))
  if (duplicate !== undefined) {
    throw new ArmError(
      409,
      'RoleAssignmentExists',
      `The role assignment already exists. The ID of the existing role assignment is ${withoutDashes(duplicate.name)}.`
    )
  }
  const now = sevenDecimals(state.now())
  const assignment: RoleAssignment = {
    id: target.id,
    name: target.name,
    scope: target.scope,
    roleDefinitionId: roleId,
    principalId,
    principalType,
    description: text(properties.description),
    condition: text(properties.condition),
    conditionVersion: text(properties.conditionVersion),
    createdOn: existing?.createdOn ?? now,
    updatedOn: now,
    createdBy: existing?.createdBy ?? caller,
    updatedBy: caller
  }
  state.roleAssignments.set(target.id.toLowerCase(), assignment)
  if (existing === undefined) state.replication.written('roleAssignment', target.id)
  return assignment
}

/** Throws a 404 if the scope is a resource that does not exist, as ARM does. The gateway has checked the subscription and the group. */
function checkScopeExists(state: State, scope: string): void {
  const [, group, type, name] = /\/resourcegroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)/i.exec(scope) ?? []
  if (group === undefined || type === undefined || name === undefined) return
  const exists = allResources(state).some(({ id }) => isWithin(scope, id))
  if (!exists) throw resourceNotFound(type, name, group)
}

function requestedRole(state: State, scope: string, value: Json | undefined): string {
  const guid =
    typeof value === 'string'
      ? /\/providers\/Microsoft\.Authorization\/roleDefinitions\/([^/]+)$/i.exec(value)?.[1]
      : undefined
  // The body must have a resource ID. A role name or a GUID is refused (Azure/azure-cli #2458).
  if (guid === undefined) throw badRequest('The request was incorrectly formatted.', 'BadRequestFormat')
  if (!isGuid(guid)) throw badRequest(`The role definition ID '${guid}' is not valid.`, 'InvalidRoleDefinitionId')
  const role = findRole(state, scope, guid)
  if (role === undefined) throw badRequest(missingRoleMessage(guid), 'RoleDefinitionDoesNotExist')
  return role.name
}

function requestedPrincipal(value: Json | undefined): string {
  if (typeof value === 'string' && isGuid(value)) return value.toLowerCase()
  throw badRequest(
    `The Principal ID '${typeof value === 'string' ? value : ''}' is not valid. Principal ID must be a GUID.`,
    'InvalidPrincipalId'
  )
}

function typeOfPrincipal(state: State, principalId: string, given: Json | undefined): string {
  const known = state.servicePrincipals.has(principalId) && state.replication.isVisible('servicePrincipal', principalId)
  if (typeof given === 'string' && given !== '') {
    if (known && given !== 'ServicePrincipal') {
      // `PrinciaplType` is Azure's own spelling.
      throw badRequest(
        `The PrincipalId '${withoutDashes(principalId)}' has type 'ServicePrincipal' , which is different from specified PrinciaplType '${given}'.`,
        'UnmatchedPrincipalType'
      )
    }
    return given
  }
  if (known) return 'ServicePrincipal'
  throw badRequest(
    `Principal ${withoutDashes(principalId)} does not exist in the directory ${state.tenantId}. Check that you have the correct principal ID. ` +
      'If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, ' +
      'set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype',
    'PrincipalNotFound'
  )
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}
