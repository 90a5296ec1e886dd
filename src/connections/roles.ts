import type { RoleAssignment } from '../clients/arm/authorization.js'
import type { HeldRole } from './model.js'
import type { Context, Service } from '../context.js'
import { once } from '../async.js'
import type { DeniedReads } from './denied-reads.js'

export interface HeldRoles {
  /** Begins before any principal is known: nothing is asked for one principal alone. */
  readonly begin: () => Promise<unknown>
  readonly of: (principalId: string) => Promise<readonly HeldRole[] | undefined>
}

/**
 * The roles of many principals, by one list of the subscription's assignments and one of its roles for their names, as `az role assignment
 * list` does it. What a group gives its members does not show.
 */
export function heldRoles(context: Context, reach: ReadonlySet<Service>, { allow }: DeniedReads): HeldRoles {
  const scope = async (): Promise<string> => `/subscriptions/${await context.subscriptionId()}`
  const byPrincipal = once(async () =>
    allow('role assignments', async () => {
      const assignments = await (await context.authorization()).assignmentsWithin(await scope())
      const grouped = new Map<string, RoleAssignment[]>()
      for (const assignment of assignments) {
        const key = assignment.principalId.toLowerCase()
        grouped.set(key, [...(grouped.get(key) ?? []), assignment])
      }
      return grouped
    })
  )
  const names = once(async () =>
    allow('roles', async () => {
      const roles = await (await context.authorization()).rolesWithin(await scope())
      return new Map(roles.map(({ name, roleName }) => [name.toLowerCase(), roleName]))
    })
  )
  const isInReach = reach.has('arm')
  return {
    begin: async () => (isInReach ? Promise.all([byPrincipal(), names()]) : undefined),
    of: async principalId => {
      if (!isInReach) return undefined
      const [assignments, roleNames] = await Promise.all([byPrincipal(), names()])
      return (
        assignments &&
        (assignments.get(principalId.toLowerCase()) ?? []).map(({ id, scope: where, roleDefinitionId }) => {
          const guid = roleDefinitionId.split('/').at(-1) ?? ''
          return { id, role: roleNames?.get(guid.toLowerCase()) ?? guid, scope: where }
        })
      )
    }
  }
}
