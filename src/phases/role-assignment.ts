import type { RoleAssignment, RoleDefinition } from '../clients/authorization.js'
import { AzwiError, UsageError } from '../errors.js'
import { isGuid } from '../identity/guid.js'
import { sameGrant } from '../identity/grant.js'
import { roleAssignmentName } from '../identity/role-assignment-name.js'
import { identifyOptions } from './application-identity.js'
import type { Context } from './context.js'
import { definePhase, type Action, type Change } from './phase.js'

const principalOptions = ['servicePrincipalName', 'servicePrincipalObjectId'] as const

/** The Azure role that the identity gets at a scope. */
export const roleAssignment = definePhase<'identity'>({
  name: 'role-assignment',
  alias: 'ra',
  summary: 'the Azure role that the identity has at a scope',
  needs: ['identity'],
  provides: undefined,
  options: {
    create: [...identifyOptions, 'azureRole', 'azureScope', ...principalOptions],
    delete: [...identifyOptions, 'roleAssignmentId', 'azureRole', 'azureScope', ...principalOptions]
  },
  uses: (settings, verb) => verb === 'delete' && settings.given('roleAssignmentId') ? ['arm'] : ['arm', 'graph'],
  validate: (settings, verb) => {
    const role = settings.get('azureRole')
    const scope = settings.get('azureScope')
    if (verb === 'delete') return undefined
    if (role === undefined && scope === undefined) return 'neither --azure-role nor --azure-scope is given'
    if (role === undefined) throw new UsageError('--azure-scope is given without --azure-role', 'add --azure-role, such as --azure-role Reader')
    if (scope === undefined) throw new UsageError('--azure-role is given without --azure-scope', 'add --azure-scope, such as --azure-scope /subscriptions/<subscription id>')
    return undefined
  },

  create: async (context, facts) => {
    const scope = context.settings.require('azureScope')
    const roleText = context.settings.require('azureRole')
    const authorization = await context.authorization()
    const [role, principalId] = await Promise.all([resolveRole(context), facts.identity().then(identity => identity?.principalId())])
    const wanted = { scope, roleDefinitionId: role.id }
    const existing = principalId === undefined ? undefined : (await authorization.assignmentsOf(principalId, scope)).find(sameGrant(wanted))
    const change = (action: Action, principal: string | undefined, id?: string): Change => ({
      kind: 'role-assignment', action, fields: { role: roleText, scope, servicePrincipalObjectID: principal, roleAssignmentID: id }
    })
    return {
      changes: [change(existing === undefined ? 'create' : 'keep', principalId, existing?.id)],
      apply: async (emit, given) => {
        if (existing !== undefined) {
          emit(change('keep', principalId, existing.id))
          return
        }
        const principal = principalId ?? await given.identity.principalId()
        const name = roleAssignmentName(scope, principal, role.id)
        const { assignment, created } = await authorization.createAssignment({ ...wanted, name, principalId: principal })
        emit(change(created ? 'create' : 'keep', principal, assignment.id))
      }
    }
  },

  delete: async (context, facts) => {
    const authorization = await context.authorization()
    const doomed = await assignmentsToDelete(context, () => facts.identity())
    if (doomed.length === 0) {
      const gone: Change = { kind: 'role-assignment', action: 'absent', fields: { roleAssignmentID: context.settings.get('roleAssignmentId') } }
      return { changes: [gone], apply: async emit => { emit(gone); return Promise.resolve() } }
    }
    const change = (action: Action, { id, scope, principalId }: RoleAssignment): Change =>
      ({ kind: 'role-assignment', action, fields: { roleAssignmentID: id, scope, servicePrincipalObjectID: principalId } })
    return {
      changes: doomed.map(assignment => change('delete', assignment)),
      apply: async emit => {
        await Promise.all(doomed.map(async assignment => {
          emit(change(await authorization.deleteAssignment(assignment.id) ? 'delete' : 'absent', assignment))
        }))
      }
    }
  }
})

/** The one that was named; else those of the principal, narrowed by role and scope where they are given. Of a principal that is not ours, only ours. */
async function assignmentsToDelete(
  context: Context, findIdentity: () => Promise<{ principalId(): Promise<string>; isOurs(): Promise<boolean> } | undefined>
): Promise<RoleAssignment[]> {
  const { settings } = context
  const authorization = await context.authorization()
  const id = settings.get('roleAssignmentId')
  if (id !== undefined) {
    const named = await authorization.assignmentById(id)
    return named === undefined ? [] : [named]
  }
  const identity = await findIdentity()
  if (identity === undefined) return []
  const [principalId, isOurs, subscriptionId, role] = await Promise.all([
    identity.principalId().catch(undefinedIfNotFound), identity.isOurs(), context.subscriptionId(),
    settings.given('azureRole') ? resolveRole(context) : undefined
  ])
  if (principalId === undefined) return []
  const scope = settings.get('azureScope')
  const listed = await authorization.assignmentsOf(principalId, scope ?? `/subscriptions/${subscriptionId}`)
  return listed.filter(assignment =>
    assignment.principalId.toLowerCase() === principalId.toLowerCase()
    && (isOurs || assignment.name.toLowerCase() === roleAssignmentName(assignment.scope, principalId, assignment.roleDefinitionId))
    && sameGrant({ scope: scope ?? assignment.scope, roleDefinitionId: role?.id ?? assignment.roleDefinitionId })(assignment))
}

/** A principal that is gone has nothing left that could be found by it. */
function undefinedIfNotFound(error: unknown): undefined {
  if (error instanceof AzwiError && error.code === 'PrincipalNotFound') return undefined
  throw error
}

/** By resource id, by GUID, or by name in any letter case: and it must be there at the scope before anything is written. */
async function resolveRole({ settings, authorization, subscriptionId }: Context): Promise<RoleDefinition> {
  const role = settings.require('azureRole')
  const scope = settings.get('azureScope') ?? `/subscriptions/${await subscriptionId()}`
  const client = await authorization()
  const id = role.startsWith('/') ? role : isGuid(role) ? `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleDefinitions/${role}` : undefined
  const found = id === undefined ? await client.rolesNamed(role, scope) : [await client.roleById(id)].filter(each => each !== undefined)
  if (found.length > 1) {
    throw new AzwiError('AmbiguousRole', `${found.length} roles are named "${role}" at ${scope}: ${found.map(each => each.name).join(', ')}`, {
      hint: 'give the GUID of the one that you mean as --azure-role'
    })
  }
  if (found[0] !== undefined) return found[0]
  throw new AzwiError('RoleNotFound', `there is no role "${role}" at ${scope}`, {
    hint: `roles are listed by: az role definition list --scope ${scope} --query "[].roleName"`
  })
}

