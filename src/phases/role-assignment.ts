import type { RoleAssignment } from '../clients/arm/authorization.js'
import type { OptionName } from '../config/options.js'
import { AzwiError } from '../errors.js'
import { sameGrant } from '../domain/grant.js'
import { roleAssignmentName } from '../domain/names.js'
import type { Settings } from '../config/settings.js'
import { chosenPrincipal } from '../identities/application.js'
import type { Context } from '../context.js'
import { identityKind } from '../identities/choice.js'
import {
  type Action,
  type Change,
  type ConnectionPhase,
  type Emit,
  type ObjectKind,
  reportOnly
} from '../engine/phase.js'
import { allInOrder, settleAll } from '../async.js'
import { checkAdoption } from '../ownership/adoption.js'
import type { Assignments } from '../ownership/assignments.js'
import {
  assignmentsOf,
  assignmentsOfPrincipal,
  decideDeletion,
  deletionServices,
  listAssignments
} from '../ownership/for-delete.js'
import { subjectOptions } from '../identities/subject.js'
import { askedGrants, fullScope, resolveGrants, resolveRole, type ResolvedGrant } from '../engine/grants.js'

const principalOptions: readonly OptionName[] = ['servicePrincipalName', 'servicePrincipalObjectId']

const roleAssignmentKind: ObjectKind = {
  noun: 'role assignment',
  resultField: 'roleAssignments',
  isList: true,
  part: 'role-assignment',
  reference: ({ roleAssignmentID, role, scope }) =>
    `roleassignment/${roleAssignmentID ?? `${role ?? ''}@${scope ?? ''}`}`
}

/** Assigns Azure roles to the identity, each at a scope. */
export const roleAssignment: ConnectionPhase = {
  name: 'role-assignment',
  alias: 'ra',
  summary: 'the Azure roles that the identity has',
  objects: [roleAssignmentKind],
  belongsToIdentity: true,
  part: 'role-assignment',
  deleted: 'before the identity',
  worksWithoutIdentity: (settings, verb) =>
    namesPrincipal(settings) || (verb === 'delete' && settings.given('roleAssignmentId')),
  options: {
    create: ['azureRole', 'azureScope', 'grant', ...principalOptions],
    delete: ['roleAssignmentId', 'azureRole', 'azureScope', 'grant', ...principalOptions, ...subjectOptions]
  },
  services: (settings, verb) => {
    if (verb === 'delete' && settings.given('roleAssignmentId')) return ['arm']
    const directory = identityKind(settings) === 'application' ? (['graph'] as const) : []
    return ['arm', ...directory, ...(verb === 'delete' ? deletionServices(settings) : [])]
  },
  validate: (settings, verb) => {
    if (verb === 'delete') return undefined
    return askedGrants(settings).length > 0
      ? undefined
      : 'no role is asked for: neither --azure-role and --azure-scope nor --grant is given'
  },

  create: async (context, findIdentity) => {
    const principal = findIdentity().then(async identity => ({
      id: await identity?.principalId(),
      isNew: identity?.isNew ?? true
    }))
    const adoption = namesPrincipal(context.settings)
      ? undefined
      : findIdentity().then(identity => checkAdoption(context, identity))
    const lookUp = allInOrder([
      context.authorization(),
      resolveGrants(context, askedGrants(context.settings)),
      principal
    ]).then(async ([client, grants, { id: principalId, isNew }]) => ({
      client,
      principalId,
      planned: await allInOrder(
        grants.map(async grant => ({
          grant,
          existing:
            principalId === undefined || isNew
              ? undefined
              : (await client.assignmentsOf(principalId, grant.scope)).find(sameGrant(grant))
        }))
      )
    }))
    const [{ client, principalId, planned }] = await allInOrder([lookUp, adoption])
    return {
      changes: planned.map(({ grant, existing }) =>
        grantChange(existing === undefined ? 'create' : 'keep', grant, principalId, existing?.id)
      ),
      apply: async (emit, identity) => {
        const known = principalId ?? (await identity.principalId())
        if (known === undefined) throw new AzwiError('Bug', 'the service principal was not created')
        await settleAll(
          planned.map(async ({ grant, existing }) => {
            const { assignment, created } =
              existing === undefined
                ? await client.createAssignment({
                    ...grant,
                    name: roleAssignmentName(grant.scope, known, grant.roleDefinitionId),
                    principalId: known
                  })
                : { assignment: existing, created: false }
            emit(grantChange(created ? 'create' : 'keep', grant, known, assignment.id))
          })
        )
      }
    }
  },

  delete: async context => {
    const { settings, deletedParts } = context
    const isNamed = settings.given('roleAssignmentId')
    const isNarrowed = isNamed || (['azureRole', 'azureScope', 'grant'] as const).some(name => settings.given(name))
    const isWhole = deletedParts?.has('application') === true || deletedParts?.has('managed-identity') === true
    const decision = namesPrincipal(settings) || (isNamed && !isWhole) ? undefined : await decideDeletion(context)
    // Flags can narrow what is deleted, but the flags of create must not delete the roles of an identity of others.
    if (!isNamed && decision?.identity !== undefined && decision.rolesStay !== undefined)
      return reportOnly({ kind: roleAssignmentKind, action: 'retain', fields: {}, reason: decision.rolesStay })
    const deletesIdentity = decision?.deletesIdentity ?? false
    const [client, { ours, others }] = await Promise.all([
      context.authorization(),
      assignmentsToDelete(context, deletesIdentity)
    ])
    for (const { id, scope } of others)
      context.log.warn('a role assignment stays, because azwi did not create it', {
        roleAssignmentID: id,
        scope,
        delete: `azwi serviceaccount delete phase role-assignment --role-assignment-id ${id}`
      })
    const remove = async (emit: Emit, assignments: readonly RoleAssignment[]): Promise<void> => {
      await settleAll(
        assignments.map(async assignment => {
          emit(assignmentChange((await client.deleteAssignment(assignment.id)) ? 'delete' : 'absent', assignment))
        })
      )
    }
    // Azure accepts an assignment to a principal that is deleted. Without the sweep, one that a create writes in the meantime would stay.
    const sweep = async (emit: Emit): Promise<void> => {
      if (decision !== undefined && (deletesIdentity || !isNarrowed))
        await remove(emit, (await listAssignments(context)).ours)
    }
    if (ours.length === 0) {
      const fields = { roleAssignmentID: settings.get('roleAssignmentId') }
      return { ...reportOnly({ kind: roleAssignmentKind, action: 'absent', fields }), sweep }
    }
    return {
      changes: ours.map(assignment => assignmentChange('delete', assignment)),
      apply: emit => remove(emit, ours),
      sweep
    }
  }
}

/**
 * Finds the role assignments to delete: the one that a flag names, or those that azwi created for the principal, narrowed by role and scope if they are
 * given. If the identity is deleted too, all of them: nobody could use the rest, or find it.
 */
async function assignmentsToDelete(context: Context, deletesIdentity: boolean): Promise<Assignments> {
  const { settings } = context
  const id = settings.get('roleAssignmentId')
  const named = id === undefined ? undefined : await (await context.authorization()).assignmentById(id)
  if (deletesIdentity) {
    const { ours, others } = await assignmentsOf(context)
    const isNamed = (assignment: RoleAssignment): boolean => assignment.id.toLowerCase() === named?.id.toLowerCase()
    return {
      ours: [...ours.filter(assignment => !isNamed(assignment)), ...(named === undefined ? [] : [named])],
      others: others.filter(assignment => !isNamed(assignment))
    }
  }
  if (id !== undefined) return { ours: named === undefined ? [] : [named], others: [] }
  const [{ ours, others }, wanted] = await Promise.all([
    namesPrincipal(settings) ? assignmentsOfNamedPrincipal(context) : assignmentsOf(context),
    narrowedGrants(context)
  ])
  const isWanted = ({ scope, roleDefinitionId }: RoleAssignment): boolean =>
    wanted.length === 0 ||
    wanted.some(grant =>
      sameGrant({ scope: grant.scope ?? scope, roleDefinitionId: grant.roleDefinitionId ?? roleDefinitionId })({
        scope,
        roleDefinitionId
      })
    )
  return { ours: ours.filter(isWanted), others: others.filter(isWanted) }
}

async function assignmentsOfNamedPrincipal(context: Context): Promise<Assignments> {
  const principalId = await chosenPrincipal(context)
  return principalId === undefined ? { ours: [], others: [] } : assignmentsOfPrincipal(context, principalId)
}

/** Resolves the roles and scopes to which the flags narrow a delete. A role without a scope, or a scope without a role, is valid here. */
async function narrowedGrants(
  context: Context
): Promise<{ readonly scope: string | undefined; readonly roleDefinitionId: string | undefined }[]> {
  const { settings } = context
  const pair = { role: settings.get('azureRole'), scope: settings.get('azureScope') }
  const asked = [...(pair.role === undefined && pair.scope === undefined ? [] : [pair]), ...settings.all('grant')]
  return allInOrder(
    asked.map(async ({ role, scope }) => {
      const whole = await fullScope(context, scope ?? 'sub:')
      return {
        scope: scope === undefined ? undefined : whole,
        roleDefinitionId: role === undefined ? undefined : (await resolveRole(context, role, whole)).id
      }
    })
  )
}

/** As in the Go azwi, flags can name the principal itself. Then no application is looked up. */
const namesPrincipal = (settings: Settings): boolean =>
  settings.given('servicePrincipalObjectId') || settings.given('servicePrincipalName')

const assignmentChange = (action: Action, { id, scope, principalId }: RoleAssignment): Change => ({
  kind: roleAssignmentKind,
  action,
  fields: { roleAssignmentID: id, scope, servicePrincipalObjectID: principalId }
})

function grantChange(
  action: Action,
  { role, scope }: ResolvedGrant,
  principal: string | undefined,
  id: string | undefined
): Change {
  return {
    kind: roleAssignmentKind,
    action,
    fields: { role, scope, servicePrincipalObjectID: principal, roleAssignmentID: id }
  }
}
