import { describe } from 'vitest'
import { deleteApplication, deleteServicePrincipal } from '../../sandbox/src/graph/deleted-items.js'
import { deleteManagedIdentity } from '../../sandbox/src/arm/managed-identity-write.js'
import { onlyManagedIdentity } from '../helpers/managed-identity.js'
import { onlyApplication, principalOf } from '../helpers/world.js'
import { clientIdOf } from './healthy.js'
import { proveWorlds } from './prove.js'
import type { Stage } from './world.js'

const principal = ({ state, identity }: Stage) => principalOf(state, { appId: clientIdOf(identity) })!

describe('an identity that is not in order', () => {
  proveWorlds([
    {
      name: 'its application is deleted, and may be restored',
      kind: 'application',
      pods: ['AADSTS700016'],
      first: { check: 'identity' },
      break: ({ state }) => {
        deleteApplication(state, onlyApplication(state))
      }
    },
    {
      name: 'its application is gone for good',
      kind: 'application',
      pods: ['AADSTS700016'],
      first: { check: 'client-id' },
      break: ({ state }) => {
        deleteApplication(state, onlyApplication(state))
        state.deletedApplications.clear()
        state.deletedServicePrincipals.clear()
      }
    },
    {
      name: 'its managed identity is deleted',
      kind: 'managed identity',
      pods: ['AADSTS700016'],
      first: { check: 'client-id' },
      break: ({ state }) => {
        deleteManagedIdentity(state, onlyManagedIdentity(state))
      }
    },
    {
      name: 'its service principal is deleted, and may be restored',
      kind: 'application',
      pods: ['AADSTS7000229'],
      first: { check: 'principal' },
      break: stage => {
        deleteServicePrincipal(stage.state, principal(stage))
      }
    },
    {
      name: 'its application has no service principal',
      kind: 'application',
      pods: ['AADSTS7000229'],
      first: { check: 'principal' },
      break: stage => {
        stage.state.servicePrincipals.delete(principal(stage).id)
      }
    },
    {
      name: 'its service principal is disabled',
      kind: 'application',
      pods: ['AADSTS7000112'],
      first: { check: 'principal-enabled' },
      break: stage => {
        principal(stage).accountEnabled = false
      }
    },
    {
      name: 'it has no role',
      pods: ['no role'],
      first: { check: 'roles', outcome: 'warn' },
      break: ({ state }) => {
        state.roleAssignments.clear()
      }
    }
  ])
})
