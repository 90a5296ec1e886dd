/**
 * An action of Azure RBAC that the caller lacks, such as `Microsoft.Authorization/roleAssignments/read`. `*` stands for
 * any text. With a scope after a space, it is missing only at that scope and at those whose resource ID begins with it:
 * a denial at a management group says nothing about its subscriptions.
 */
export type DeniedAction = `${string}/${ActionVerb}` | `${string}/${ActionVerb} ${string}`
type ActionVerb = 'read' | 'write' | 'delete' | 'action' | '*'
