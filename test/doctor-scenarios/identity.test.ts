import { describe } from 'vitest'
import { deleteApplication, deleteServicePrincipal } from '../../sandbox/src/graph/deleted-items.js'
import { deleteManagedIdentity } from '../../sandbox/src/arm/managed-identity-write.js'
import { onlyManagedIdentity } from '../helpers/managed-identity.js'
import { onlyApplication, principalOf } from '../helpers/world.js'
import { clientIdOf } from './healthy.js'
import { testScenarios } from './test-scenarios.js'
import type { ScenarioSetup } from './scenario.js'

const principal = ({ state, identity }: ScenarioSetup) => principalOf(state, { appId: clientIdOf(identity) })!

describe('an identity that is not in order', () => {
  testScenarios([
    {
      name: 'its application is deleted, and may be restored',
      kind: 'application',
      symptoms: ['AADSTS700016'],
      firstFinding: { check: 'identity' },
      break: ({ state }) => {
        deleteApplication(state, onlyApplication(state))
      }
    },
    {
      name: 'its application is gone for good',
      kind: 'application',
      symptoms: ['AADSTS700016'],
      firstFinding: { check: 'client-id' },
      break: ({ state }) => {
        deleteApplication(state, onlyApplication(state))
        state.deletedApplications.clear()
        state.deletedServicePrincipals.clear()
      }
    },
    {
      name: 'its managed identity is deleted',
      kind: 'managed identity',
      symptoms: ['AADSTS700016'],
      firstFinding: { check: 'client-id' },
      break: ({ state }) => {
        deleteManagedIdentity(state, onlyManagedIdentity(state))
      }
    },
    {
      name: 'its service principal is deleted, and may be restored',
      kind: 'application',
      symptoms: ['AADSTS7000229'],
      firstFinding: { check: 'principal' },
      break: stage => {
        deleteServicePrincipal(stage.state, principal(stage))
      }
    },
    {
      name: 'its application has no service principal',
      kind: 'application',
      symptoms: ['AADSTS7000229'],
      firstFinding: { check: 'principal' },
      break: stage => {
        stage.state.servicePrincipals.delete(principal(stage).id)
      }
    },
    {
      name: 'its service principal is disabled',
      kind: 'application',
      symptoms: ['AADSTS7000112'],
      firstFinding: { check: 'principal-enabled' },
      break: stage => {
        principal(stage).accountEnabled = false
      }
    },
    {
      name: 'it has no role',
      symptoms: ['no role'],
      firstFinding: { check: 'roles', outcome: 'warn' },
      break: ({ state }) => {
        state.roleAssignments.clear()
      }
    }
  ])
})
