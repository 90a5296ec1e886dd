import type { ObjectKind, Phase } from '../engine/phase.js'
import { application } from './application.js'
import { federatedIdentity } from './federated-identity.js'
import { managedIdentity } from './managed-identity.js'
import { roleAssignment } from './role-assignment.js'
import { serviceAccount } from './service-account.js'

/** All phases, in the order in which help and results list them. A new phase is one file and one row here. */
export const phases: readonly Phase[] = [
  application,
  managedIdentity,
  serviceAccount,
  federatedIdentity,
  roleAssignment
]

/** All kinds of object that phases create and delete, in the order of results. */
export const objectKinds: readonly ObjectKind[] = phases.flatMap(({ objects }) => objects)
