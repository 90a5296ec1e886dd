import { describe } from 'vitest'
import { deleteApplication, deleteServicePrincipal } from '../../sandbox/src/graph/deleted-items.js'
import { deleteManagedIdentity } from '../../sandbox/src/arm/managed-identity-write.js'
import { onlyManagedIdentity } from '../helpers/managed-identity.js'
import { onlyApplication, principalOf } from '../helpers/state.js'
import { clientIdOf } from './healthy.js'
import { testScenarios } from './test-scenarios.js'
import type { ScenarioSetup } from './scenario.js'

const principal = ({ state, identity }: ScenarioSetup) => principalOf(state, { appId: clientIdOf(identity) })!

describe('an unhealthy identity', () => {
  testScenarios([
    {
      name: 'its application is soft-deleted',
      kind: 'application',
      symptoms: ['AADSTS700016'],
      firstFinding: { check: 'identity' },
      break: ({ state }) => {
        deleteApplication(state, onlyApplication(state))
      }
    },
    {
      name: 'its application is permanently deleted',
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
      name: 'its service principal is soft-deleted',
      kind: 'application',
      symptoms: ['AADSTS7000229'],
      firstFinding: { check: 'principal' },
      break: setup => {
        deleteServicePrincipal(setup.state, principal(setup))
      }
    },
    {
      name: 'its application has no service principal',
      kind: 'application',
      symptoms: ['AADSTS7000229'],
      firstFinding: { check: 'principal' },
      break: setup => {
        setup.state.servicePrincipals.delete(principal(setup).id)
      }
    },
    {
      name: 'its service principal is disabled',
      kind: 'application',
      symptoms: ['AADSTS7000112'],
      firstFinding: { check: 'principal-enabled' },
      break: setup => {
        principal(setup).accountEnabled = false
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
