/** A role at a scope, without the principal that has it. */
interface Grant {
  readonly scope: string
  /** A resource ID or its GUID. Only the GUID is compared, because the resource ID differs from scope to scope. */
  readonly roleDefinitionId: string
}

/** Reports whether two grants are of the same role at exactly the same scope. Azure compares IDs without regard to case. */
export const sameGrant =
  (wanted: Grant) =>
  (candidate: Grant): boolean =>
    normalScope(candidate.scope) === normalScope(wanted.scope) &&
    roleGuid(candidate.roleDefinitionId) === roleGuid(wanted.roleDefinitionId)

const normalScope = (scope: string): string => scope.toLowerCase().replace(/^\/+|\/+$/g, '')
const roleGuid = (id: string): string => id.toLowerCase().split('/').at(-1) ?? ''
