import { once } from '../async.js'
import { groupBy } from '../collections.js'
import type { Context, Service } from '../context.js'
import type { DeniedReads } from './denied-reads.js'
import type { AssignedRole } from './model.js'

export interface RoleReader {
  /** Starts the two list requests before the first principal is known. */
  readonly prefetch: () => Promise<unknown>
  /** Returns the roles of a principal by its object ID, or undefined if they could not be read. */
  readonly readRoles: (principalId: string) => Promise<readonly AssignedRole[] | undefined>
}

/**
 * Creates a reader for the roles of many principals. It lists the role assignments and the roles of the subscription once, as `az role assignment
 * list` does. It does not see roles that a principal has through a group.
 */
export function createRoleReader(
  context: Context,
  services: ReadonlySet<Service>,
  { readIfAllowed }: DeniedReads
): RoleReader {
  const subscriptionScope = async (): Promise<string> => `/subscriptions/${await context.subscriptionId()}`
  const listAssignments = once(async () =>
    readIfAllowed('role assignments', async () =>
      groupBy(await (await context.authorization()).assignmentsWithin(await subscriptionScope()), ({ principalId }) =>
        principalId.toLowerCase()
      )
    )
  )
  const listRoleNames = once(async () =>
    readIfAllowed('roles', async () => {
      const roles = await (await context.authorization()).rolesWithin(await subscriptionScope())
      return new Map(roles.map(({ name, roleName }) => [name.toLowerCase(), roleName]))
    })
  )
  const canRead = services.has('arm')
  return {
    prefetch: async () => (canRead ? Promise.all([listAssignments(), listRoleNames()]) : undefined),
    readRoles: async principalId => {
      if (!canRead) return undefined
      const [assignments, roleNames] = await Promise.all([listAssignments(), listRoleNames()])
      return (
        assignments &&
        (assignments.get(principalId.toLowerCase()) ?? []).map(({ id, scope, roleDefinitionId }) => {
          const guid = roleDefinitionId.split('/').at(-1) ?? ''
          return { id, role: roleNames?.get(guid.toLowerCase()) ?? guid, scope }
        })
      )
    }
  }
}
