import { application } from './application.js'
import { federatedIdentity } from './federated-identity.js'
import { managedIdentity } from './managed-identity.js'
import type { AnyPhase } from '../engine/phase.js'
import { roleAssignment } from './role-assignment.js'
import { serviceAccount } from './service-account.js'

/** Every phase of the flows, in the order in which help lists them. Adding one is a file and a row. */
export const phases: readonly AnyPhase[] = [
  application,
  managedIdentity,
  serviceAccount,
  federatedIdentity,
  roleAssignment
]
