import type { RoleAssignment } from '../clients/arm/authorization.js'
import type { FederatedIdentityCredential, Trust } from '../domain/credential.js'
import { sameGrant } from '../domain/grant.js'

/** What is known about the roles of an identity that workloads of the files use. */
interface RoleFacts {
  /** The role assignments of the identity that azwi created: their GUIDs are derived. */
  readonly ours: readonly RoleAssignment[]
  /** The roles that any of its workloads asks for. */
  readonly wanted: readonly Pick<RoleAssignment, 'scope' | 'roleDefinitionId'>[]
  readonly credentials: readonly FederatedIdentityCredential[]
  /** Reports whether a credential is for a service account of the files, or for one that this run deletes, in this cluster. */
  readonly isInSet: (credential: Trust) => boolean
}

/** The role assignments that azwi created and that no workload asks for any more. */
interface SurplusRoles {
  readonly surplus: readonly RoleAssignment[]
  /** The users of the identity that are not in the set. They might need the roles, so that these stay. */
  readonly otherUsers: readonly FederatedIdentityCredential[]
}

/** Finds the role assignments that azwi created for an identity and that no workload asks for. They may be deleted only if nobody else uses the identity. */
export function findSurplusRoles({ ours, wanted, credentials, isInSet }: RoleFacts): SurplusRoles {
  return {
    surplus: ours.filter(assignment => !wanted.some(grant => sameGrant(grant)(assignment))),
    otherUsers: credentials.filter(credential => !isInSet(credential))
  }
}
