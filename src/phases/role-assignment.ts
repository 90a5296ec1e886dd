import type { RoleAssignment } from '../clients/arm/authorization.js'
import type { OptionName } from '../config/options.js'
import { AzwiError } from '../errors.js'
import { sameGrant } from '../domain/grant.js'
import { roleAssignmentName } from '../domain/names.js'
import { parseServiceAccountSubject } from '../domain/subject.js'
import type { FederatedIdentityCredential } from '../domain/credential.js'
import type { Settings } from '../config/settings.js'
import { chosenPrincipal } from '../identities/application.js'
import type { Context } from '../context.js'
import { identityKind } from '../identities/choice.js'
import type { Identity } from '../identities/identity.js'
import {
  type Action,
  type Change,
  type ConnectionPhase,
  type Emit,
  type ObjectKind,
  reportOnly
} from '../engine/phase.js'
import { allInOrder, settleAll } from '../async.js'
import { credentialsOfOthers, sharingServices, usedByOthers } from '../ownership/sharing.js'
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
  worksWithoutIdentity: (settings, verb) =>
    namesPrincipal(settings) || (verb === 'delete' && settings.given('roleAssignmentId')),
  options: {
    create: ['azureRole', 'azureScope', 'grant', ...principalOptions],
    delete: ['roleAssignmentId', 'azureRole', 'azureScope', 'grant', ...principalOptions, ...subjectOptions]
  },
  services: (settings, verb) => {
    if (verb === 'delete' && settings.given('roleAssignmentId')) return ['arm']
    const directory = identityKind(settings) === 'application' ? (['graph'] as const) : []
    return ['arm', ...directory, ...(verb === 'delete' ? sharingServices(settings) : [])]
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
    const [client, grants, { id: principalId, isNew }] = await allInOrder([
      context.authorization(),
      resolveGrants(context, askedGrants(context.settings)),
      principal
    ])
    const planned = await allInOrder(
      grants.map(async grant => ({
        grant,
        existing:
          principalId === undefined || isNew
            ? undefined
            : (await client.assignmentsOf(principalId, grant.scope)).find(sameGrant(grant))
      }))
    )
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

  delete: async (context, findIdentity) => {
    const narrowed = (['roleAssignmentId', 'azureRole', 'azureScope', 'grant'] as const).some(name =>
      context.settings.given(name)
    )
    const identity = narrowed || namesPrincipal(context.settings) ? undefined : await findIdentity()
    const others = identity === undefined ? [] : await othersThatKeepRoles(context, identity)
    if (others.length > 0)
      return reportOnly({
        kind: roleAssignmentKind,
        action: 'retain',
        fields: {},
        reason: `the identity stays: ${usedByOthers(others)}`
      })
    const [client, doomed] = await allInOrder([context.authorization(), assignmentsToDelete(context, findIdentity)])
    const change = (action: Action, { id, scope, principalId }: RoleAssignment): Change => ({
      kind: roleAssignmentKind,
      action,
      fields: { roleAssignmentID: id, scope, servicePrincipalObjectID: principalId }
    })
    const remove = async (emit: Emit, assignments: readonly RoleAssignment[]): Promise<void> => {
      await settleAll(
        assignments.map(async assignment => {
          emit(change((await client.deleteAssignment(assignment.id)) ? 'delete' : 'absent', assignment))
        })
      )
    }
    // Azure accepts an assignment to a principal that is deleted. Without the sweep, one that a create writes in the meantime would stay.
    const sweep = async (emit: Emit): Promise<void> => remove(emit, await assignmentsToDelete(context, findIdentity))
    if (doomed.length === 0) {
      return {
        ...reportOnly({
          kind: roleAssignmentKind,
          action: 'absent',
          fields: { roleAssignmentID: context.settings.get('roleAssignmentId') }
        }),
        sweep
      }
    }
    return {
      changes: doomed.map(assignment => change('delete', assignment)),
      apply: emit => remove(emit, doomed),
      sweep
    }
  }
}

/**
 * Finds the role assignments to delete: the one that a flag names, or those of the principal, narrowed by role and scope if they are given. If azwi did not
 * create the principal, only the assignments that azwi created.
 */
async function assignmentsToDelete(
  context: Context,
  findPrincipal: () => Promise<Principal | undefined>
): Promise<RoleAssignment[]> {
  const { settings } = context
  const client = await context.authorization()
  const id = settings.get('roleAssignmentId')
  if (id !== undefined) {
    const named = await client.assignmentById(id)
    return named === undefined ? [] : [named]
  }
  const principal = namesPrincipal(settings) ? namedPrincipal(context) : await findPrincipal()
  if (principal === undefined) return []
  const [principalId, isOurs, wanted] = await allInOrder([
    principal.principalId().catch(undefinedIfNotFound),
    principal.isOurs(),
    narrowedGrants(context)
  ])
  if (principalId === undefined) return []
  const scopes = new Set([await fullScope(context, 'sub:'), ...wanted.flatMap(({ scope }) => scope ?? [])])
  const listed = (await allInOrder([...scopes].map(scope => client.assignmentsOf(principalId, scope)))).flat()
  const distinct = [...new Map(listed.map(assignment => [assignment.id.toLowerCase(), assignment])).values()]
  return distinct.filter(
    ({ name, scope, roleDefinitionId, ...assignment }) =>
      assignment.principalId.toLowerCase() === principalId.toLowerCase() &&
      (isOurs || name.toLowerCase() === roleAssignmentName(scope, principalId, roleDefinitionId)) &&
      (wanted.length === 0 ||
        wanted.some(grant =>
          sameGrant({ scope: grant.scope ?? scope, roleDefinitionId: grant.roleDefinitionId ?? roleDefinitionId })({
            scope,
            roleDefinitionId
          })
        ))
  )
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

type Principal = Pick<Identity, 'principalId' | 'isOurs'>

/** As in the Go azwi, flags can name the principal itself. Then no application is looked up. */
const namesPrincipal = (settings: Settings): boolean =>
  settings.given('servicePrincipalObjectId') || settings.given('servicePrincipalName')

/** The principal that the flags name. Nothing shows who created it, so only the assignments that azwi created are deleted. */
const namedPrincipal = (context: Context): Principal => ({
  principalId: () => chosenPrincipal(context),
  isOurs: () => Promise.resolve(false)
})

/**
 * Finds the credentials for whose sake the roles stay. If azwi did not create the identity, only credentials of service accounts count: azwi may have
 * assigned roles for them.
 */
async function othersThatKeepRoles(
  context: Context,
  identity: Identity
): Promise<readonly FederatedIdentityCredential[]> {
  const [others, isOurs] = await allInOrder([credentialsOfOthers(context, identity), identity.isOurs()])
  return isOurs ? others : others.filter(({ subject }) => parseServiceAccountSubject(subject) !== undefined)
}

/** A principal that is deleted has no assignments that could be found by it. */
function undefinedIfNotFound(error: unknown): undefined {
  if (error instanceof AzwiError && error.code === 'PrincipalNotFound') return undefined
  throw error
}

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
