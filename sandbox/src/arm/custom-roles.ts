import { isJsonObject, type Json, type JsonObject } from '../json.js'
import type { RoleDefinition, RolePermissions } from './resources.js'
import type { State } from '../state.js'
import { sevenDecimals } from '../dates.js'
import { ArmError, badRequest } from './errors.js'
import { isGuid } from './ids.js'

/**
 * Creates or updates a custom role. Its name is a GUID, and its role name must be unique in the directory. Throws an
 * ArmError for a built-in role.
 */
export function writeCustomRole(state: State, name: string, body: JsonObject, caller: string): RoleDefinition {
  if (!isGuid(name))
    throw badRequest(
      `The role definition ID '${name}' is not valid. The role definition ID must be a GUID.`,
      'InvalidRoleDefinitionId'
    )
  const { properties } = body
  if (!isJsonObject(properties)) throw badRequest('The request was incorrectly formatted.', 'BadRequestFormat')
  const existing = state.roleDefinitions.get(name.toLowerCase())
  if (existing?.type === 'BuiltInRole') throw builtInRoleError()
  const roleName = properties.roleName
  if (typeof roleName !== 'string' || roleName === '')
    throw badRequest('The role definition must have a name.', 'RoleDefinitionNameNullOrEmpty')
  const assignableScopes = strings(properties.assignableScopes)
  if (assignableScopes.length === 0)
    throw badRequest('The role definition must have at least one assignable scope.', 'InvalidAssignableScopes')
  const namesake = [...state.roleDefinitions.values()].find(
    role => role.roleName.toLowerCase() === roleName.toLowerCase()
  )
  if (namesake !== undefined && namesake !== existing) {
    throw new ArmError(
      409,
      'RoleDefinitionWithSameNameExists',
      'A role definition cannot be updated with a name that already exists.'
    )
  }
  const now = sevenDecimals(state.now())
  const role: RoleDefinition = {
    name: name.toLowerCase(),
    roleName,
    description: typeof properties.description === 'string' ? properties.description : '',
    type: 'CustomRole',
    permissions: permissions(properties.permissions),
    assignableScopes,
    createdOn: existing?.createdOn ?? now,
    updatedOn: now,
    createdBy: existing?.createdBy ?? caller,
    updatedBy: caller
  }
  state.roleDefinitions.set(role.name, role)
  if (existing === undefined) state.replication.written('roleDefinition', role.name)
  return role
}

/**
 * Deletes a custom role and returns it, or undefined if it does not exist. Throws a 400 if the role has assignments.
 */
export function deleteCustomRole(state: State, name: string): RoleDefinition | undefined {
  const role = state.roleDefinitions.get(name.toLowerCase())
  if (role === undefined) return undefined
  if (role.type === 'BuiltInRole') throw builtInRoleError()
  if (
    [...state.roleAssignments.values()].some(assignment =>
      assignment.roleDefinitionId.toLowerCase().endsWith(`/${role.name}`)
    )
  ) {
    throw badRequest(
      'There are existing role assignments referencing role (code: RoleDefinitionHasAssignments)',
      'RoleDefinitionHasAssignments'
    )
  }
  state.roleDefinitions.delete(role.name)
  return role
}

function builtInRoleError(): Error {
  return badRequest('A built-in role cannot be changed or deleted.', 'BuiltInRoleDefinitionCannotBeModified')
}

function permissions(value: Json | undefined): RolePermissions[] {
  if (!Array.isArray(value)) return []
  return value.filter(isJsonObject).map(({ actions, notActions, dataActions, notDataActions }) => ({
    actions: strings(actions),
    notActions: strings(notActions),
    dataActions: strings(dataActions),
    notDataActions: strings(notDataActions)
  }))
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter(entry => typeof entry === 'string') : []
}
