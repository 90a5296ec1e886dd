/** A role at a scope, whoever it is given to. */
export interface Grant {
  readonly scope: string
  /** Of a role definition the GUID counts: its resource id differs from scope to scope. */
  readonly roleDefinitionId: string
}

/** Whether two grants are of the same role at exactly the same scope. Azure compares ids without regard to case. */
export const sameGrant =
  (wanted: Grant) =>
  (candidate: Grant): boolean =>
    normalScope(candidate.scope) === normalScope(wanted.scope) &&
    roleGuid(candidate.roleDefinitionId) === roleGuid(wanted.roleDefinitionId)

const normalScope = (scope: string): string => scope.toLowerCase().replace(/^\/+|\/+$/g, '')
const roleGuid = (id: string): string => id.toLowerCase().split('/').at(-1) ?? ''
