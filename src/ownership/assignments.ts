import { oncePerContext } from '../async.js'
import type { RoleAssignment } from '../clients/arm/authorization.js'
import type { Context } from '../context.js'
import { roleAssignmentName } from '../domain/names.js'
import { AzwiError } from '../errors.js'
import { findConnectedIdentity } from './connection.js'
import { ifAllowed, visibleSubscriptions } from './subscriptions.js'

export interface Assignments {
  /** Those with the GUID that azwi derives. */
  readonly ours: readonly RoleAssignment[]
  readonly others: readonly RoleAssignment[]
}

/** Lists the role assignments of the connected identity, in every subscription that the login can see. */
export const assignmentsOf = oncePerContext(listAssignments)

/** Lists the role assignments of the connected identity again, without a cache. */
export async function listAssignments(context: Context): Promise<Assignments> {
  const { identity } = await findConnectedIdentity(context)
  const principalId = await identity?.principalId().catch(undefinedIfNotFound)
  return principalId === undefined ? { ours: [], others: [] } : assignmentsOfPrincipal(context, principalId)
}

/** Lists the role assignments of a principal, in every subscription that the login can see. */
export async function assignmentsOfPrincipal(context: Context, principalId: string): Promise<Assignments> {
  const found = await assignmentsOfPrincipals(context, [principalId])
  return found.get(principalId) ?? { ours: [], others: [] }
}

/** Lists the role assignments of several principals, in every subscription that the login can see. */
export async function assignmentsOfPrincipals(
  context: Context,
  principalIds: readonly string[]
): Promise<ReadonlyMap<string, Assignments>> {
  if (principalIds.length === 0) return new Map()
  const [client, subscriptions] = await Promise.all([context.authorization(), visibleSubscriptions(context)])
  const listed = await Promise.all(
    subscriptions.map(({ id, isCurrent }) =>
      ifAllowed(
        context,
        async () =>
          (
            await Promise.all(principalIds.map(principal => client.assignmentsOf(principal, `/subscriptions/${id}`)))
          ).flat(),
        isCurrent ? undefined : `could not list the role assignments in the subscription ${id}`
      )
    )
  )
  const distinct = [
    ...new Map(listed.flatMap(list => list ?? []).map(assignment => [assignment.id.toLowerCase(), assignment])).values()
  ]
  return new Map(
    principalIds.map(principalId => {
      const own = distinct.filter(assignment => assignment.principalId.toLowerCase() === principalId.toLowerCase())
      return [principalId, { ours: own.filter(isOurs), others: own.filter(assignment => !isOurs(assignment)) }]
    })
  )
}

/** Reports whether azwi assigned the role: it derives the GUID from scope, principal and role. */
function isOurs({ name, scope, principalId, roleDefinitionId }: RoleAssignment): boolean {
  return name.toLowerCase() === roleAssignmentName(scope, principalId, roleDefinitionId)
}

/** A principal that is deleted has no assignments that could be found by it. */
function undefinedIfNotFound(error: unknown): undefined {
  if (error instanceof AzwiError && error.code === 'PrincipalNotFound') return undefined
  throw error
}
