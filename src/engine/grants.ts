import { allInOrder } from '../async.js'
import type { RoleDefinition } from '../clients/arm/authorization.js'
import type { Settings } from '../config/settings.js'
import { isGuid } from '../domain/azure-ids.js'
import { AzwiError, shellQuoted, UsageError } from '../errors.js'
import type { Context } from '../context.js'

/** A role at a scope, as the user wrote them. */
export interface AskedGrant {
  readonly role: string
  readonly scope: string
}

/** A role that exists at a scope. */
export interface ResolvedGrant {
  /** As the user wrote it, for the log. */
  readonly role: string
  readonly scope: string
  readonly roleDefinitionId: string
}

/** Returns the roles that the flags ask for. Throws a UsageError for a role without a scope or a scope without a role. */
export function askedGrants(settings: Settings): AskedGrant[] {
  const role = settings.get('azureRole')
  const scope = settings.get('azureScope')
  if (role === undefined && scope !== undefined)
    throw new UsageError('--azure-scope is given without --azure-role', 'add --azure-role, such as --azure-role Reader')
  if (scope === undefined && role !== undefined)
    throw new UsageError(
      '--azure-role is given without --azure-scope',
      'add --azure-scope, such as --azure-scope rg:my-group'
    )
  return [...(role === undefined || scope === undefined ? [] : [{ role, scope }]), ...settings.all('grant')]
}

/** Looks every role up at its scope, so that azwi writes nothing if one does not exist. Removes duplicates. */
export async function resolveGrants(context: Context, grants: readonly AskedGrant[]): Promise<ResolvedGrant[]> {
  const resolved = await allInOrder(
    grants.map(async ({ role, scope }) => {
      const id = await fullScope(context, scope)
      return { role, scope: id, roleDefinitionId: (await resolveRole(context, role, id)).id }
    })
  )
  const key = ({ scope, roleDefinitionId }: ResolvedGrant): string =>
    `${scope} ${roleDefinitionId.split('/').at(-1) ?? ''}`.toLowerCase()
  return [...new Map(resolved.map(grant => [key(grant), grant])).values()]
}

/** Expands `rg:<group>` and `sub:` to resource IDs in the current subscription. */
export async function fullScope({ subscriptionId }: Context, scope: string): Promise<string> {
  if (scope.startsWith('rg:')) return `/subscriptions/${await subscriptionId()}/resourceGroups/${scope.slice(3)}`
  if (scope.startsWith('sub:')) return `/subscriptions/${scope.slice(4) || (await subscriptionId())}`
  return scope
}

/**
 * Finds a role by resource ID, by GUID, or by name in any letter case. A custom role exists only at its assignable scopes. Throws an AzwiError if the
 * role does not exist at the scope, or if the name is ambiguous.
 */
export async function resolveRole({ authorization }: Context, role: string, scope: string): Promise<RoleDefinition> {
  const client = await authorization()
  // The scope in a resource ID is ignored. A role that cannot be assigned at this scope must fail here, not when it is written.
  const guid = role.startsWith('/') ? role.split('/').at(-1) : isGuid(role) ? role : undefined
  const id =
    guid === undefined
      ? undefined
      : `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleDefinitions/${guid}`
  const found =
    id === undefined
      ? await client.rolesNamed(role, scope)
      : [await client.roleById(id)].filter(each => each !== undefined)
  if (found.length > 1) {
    throw new AzwiError(
      'AmbiguousRole',
      `${found.length} roles are named "${role}" at ${scope}: ${found.map(each => each.name).join(', ')}`,
      {
        hint: 'give the GUID of the one that you mean in place of the name'
      }
    )
  }
  if (found[0] !== undefined) return found[0]
  throw new AzwiError('RoleNotFound', `there is no role "${role}" at ${scope}`, {
    hint: `roles are listed by: az role definition list --scope ${shellQuoted(scope)} --query "[].roleName"`
  })
}
