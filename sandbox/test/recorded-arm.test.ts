import { describe, expect, it } from 'vitest'
import { builtInRoleDefinitions } from '../src/arm/built-in-roles.js'
import { type JsonObject, objectAt, textAt } from '../src/json.js'
import type { State } from '../src/state.js'
import { addGroup, addResource, compare, createStage, replay, requestOf } from './recorded-replay.js'
import { readRecording, readTable, type RecordedExchange, Translation, valueOfShape } from './recorded-table.js'

const otherProvider = 'another provider, which the sandbox does not have'

/** The sandbox enforces no role, so its built-in roles have no permissions. */
const otherLists = /\.permissions\[0\]\./

describe('ARM answers as recorded', () => {
  it('when managed identities are created, listed and deleted', async () => {
    expect(
      await replay({
        table: 'arm',
        recording: 'identity_management',
        seed: state => {
          addGroup(state, 'cli_test_identity_mgmt_000001', 'westus', { product: '', cause: '', date: '' })
        },
        skipped: { 0: 'no client of ours lists the operations of a provider' },
        // Since 2024 the order is location, tags, id, name, type, properties.
        ordered: false
      })
    ).toBe(5)
  })

  it('when federated credentials of managed identities are written, shown, listed and deleted', async () => {
    expect(
      await replay({
        table: 'arm',
        recording: 'federated_identity_credential',
        seed: state => {
          addGroup(state, 'cli_test_federated_identity_credential_000001', 'eastus2euap', {
            product: '',
            cause: '',
            date: ''
          })
        },
        ordered: false
      })
    ).toBe(11)
  })

  it('when an application gets a role, loses it, and is deleted', async () => {
    expect(
      await replay({
        table: 'arm',
        recording: 'create_for_rbac_password_with_assignment',
        seed: state => {
          addGroup(state, 'cli_sp_create_for_rbac000001')
        },
        newer: ['nativeAuthenticationApisEnabled', 'uniqueName', 'redirectUriSettings'],
        otherLists
      })
    ).toBe(17)
  })

  it('when built-in roles are looked up by name', () => {
    const recorded = readTable('built-in-roles') as Readonly<Record<string, string>>
    for (const { roleName, name } of builtInRoleDefinitions()) expect(recorded[roleName], roleName).toBe(name)
  })

  it('when custom roles are written, listed and deleted', async () => {
    expect(await replay({ table: 'arm', recording: 'role_definition_scenario', otherLists })).toBe(8)
  })

  it('when a role assignment exists under another name', async () => {
    expect(
      await replay({
        table: 'arm',
        recording: 'containerapp_registry_identity_user-RoleAssignmentExists',
        seed: state => {
          addGroup(state, 'clitest.rg000001', 'eastus')
          addResource(state, 'clitest.rg000001', 'Microsoft.ContainerRegistry/registries', 'acr000004')
        },
        otherLists,
        skipped: {
          3: 'the service principal of a managed identity has a certificate, which the sandbox does not create; see the test below',
          8: 'as 3',
          12: 'as 3',
          16: 'as 3'
        }
      })
    ).toBe(13)
  })

  it('when the service principal of a managed identity is looked up, apart from its certificate', async () => {
    const { state, arm, graph } = await createStage()
    addGroup(state, 'clitest.rg000001', 'eastus')
    const { exchanges } = readRecording('arm', 'containerapp_registry_identity_user-RoleAssignmentExists')
    const [create, , , getByIds] = exchanges as [RecordedExchange, unknown, unknown, RecordedExchange]
    const translation = new Translation()
    const created = await arm('PUT', requestOf(create).url.replace('https://management.azure.com', ''), {
      body: create.body
    })
    translation.learn(create.shape, created.body as unknown as JsonObject)
    const answer = await graph('POST', '/v1.0/directoryObjects/getByIds', {
      body: JSON.parse(translation.apply(JSON.stringify(getByIds.body))) as object
    })
    const recorded = structuredClone(getByIds)
    const [principal] = (recorded.shape as { value: JsonObject[] }).value
    principal!.keyCredentials = []
    compare('getByIds', recorded, answer, translation, { ordered: false })
  })

  it('when an object does not exist, or the caller has no permission', async () => {
    expect(
      await replay({
        table: 'arm-errors',
        recording: 'authz-msi-graph-errors',
        separate: true,
        seed: state => {
          for (const name of [
            'cli_test_policy_identity_systemassigned000001',
            'clitest.rg000001',
            'cli_test_policy_identity000001',
            'clitest000001'
          ]) {
            addGroup(state, name)
          }
          addResource(state, 'clitest.rg000001', 'Microsoft.Storage/storageAccounts', 'clistorage000003')
          addResource(state, 'clitest000001', 'Microsoft.Network/virtualNetworks', 'clivnet000003')
          addResource(state, 'clitest.rg000001', 'Microsoft.ContainerRegistry/registries', 'acr000004')
        },
        skipped: {
          9: 'a managed HSM',
          10: 'a managed HSM',
          18: 'the sandbox has no groups'
        },
        before: {
          11: state => {
            state.denied.add('graph reads')
          },
          12: state => {
            state.denied.add('graph reads')
          },
          13: state => {
            state.denied.add('arm')
          },
          14: state => {
            state.denied.add('arm')
          },
          20: assignUnderAnotherName,
          21: assignUnderAnotherName
        }
      })
    ).toBe(19)
    expect(
      await replay({
        table: 'arm-errors',
        recording: 'AuthorizationFailed',
        separate: true,
        seed: state => {
          addGroup(state, 'clitest000001')
        },
        before: {
          0: state => {
            state.denied.add('arm')
          }
        },
        skipped: { 1: otherProvider, 2: otherProvider, 3: 'policies' }
      })
    ).toBe(1)
    expect(
      await replay({
        table: 'arm-errors',
        recording: 'ResourceGroupNotFound',
        separate: true,
        skipped: { 0: otherProvider, 2: otherProvider, 3: otherProvider }
      })
    ).toBe(1)
    expect(
      await replay({
        table: 'arm-errors',
        recording: 'aso-ResourceNotFound',
        separate: true,
        seed: state => {
          addGroup(state, 'asotest-rg-afnrdt')
        },
        skipped: { 1: otherProvider }
      })
    ).toBe(1)
  })

  it.each(['oidc_issuer', 'workload_identity'])('when an AKS cluster is created with %s enabled', async feature => {
    expect(
      await replay({
        table: 'arm',
        recording: `aks_create_with_${feature}_enabled`,
        seed: state => {
          addGroup(state, 'clitest000001', 'westus2')
        },
        skipped: { 1: 'the sandbox does not create clusters, tests add them to its state' },
        before: { 2: addCluster },
        ordered: false
      })
    ).toBe(2)
  })

  it('when the endpoints of the clouds are read', async () => {
    expect(await replay({ table: 'arm', recording: 'metadata-endpoints' })).toBe(3)
  })
})

/** Adds the role assignment of a recorded request to the state under another name, with the principal that it refers to. */
function assignUnderAnotherName(state: State, exchange: RecordedExchange): void {
  const principalId = textAt(exchange.body, 'properties', 'principalId')
  const [operator] = state.servicePrincipals.values()
  state.servicePrincipals.set(principalId, { ...operator!, id: principalId, appId: principalId })
  const name = '99999999-0000-0000-0000-000000000001'
  const scope = pathOf(exchange).replace(/\/providers\/Microsoft\.Authorization\/.*$/, '')
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
  state.roleAssignments.set(id.toLowerCase(), {
    id,
    name,
    scope,
    principalId,
    principalType: 'ServicePrincipal',
    roleDefinitionId: textAt(exchange.body, 'properties', 'roleDefinitionId'),
    description: null,
    condition: null,
    conditionVersion: null,
    createdOn: '',
    updatedOn: '',
    createdBy: null,
    updatedBy: null
  })
}

/** Adds the cluster of a recorded response to the state. Properties that the state does not model have the recorded shape. */
function addCluster(state: State, exchange: RecordedExchange): void {
  const properties = objectAt(exchange.shape, 'properties')
  const modelled = ['securityProfile', 'oidcIssuerProfile']
  const id = pathOf(exchange)
  state.managedClusters.set(id.toLowerCase(), {
    id,
    name: id.split('/').at(-1) ?? '',
    resourceGroup: 'clitest000001',
    location: 'westus2',
    tags: {},
    kubernetesVersion: '1.29',
    oidcIssuerEnabled: true,
    issuerUrl: 'https://issuer.test/',
    workloadIdentityEnabled: 'workloadIdentity' in objectAt(properties, 'securityProfile'),
    otherProperties: Object.fromEntries(
      Object.entries(properties)
        .filter(([property]) => !modelled.includes(property))
        .map(([property, shape]) => [property, valueOfShape(shape)])
    )
  })
}

/** Returns the path of a recorded request, without the query. */
function pathOf(exchange: RecordedExchange): string {
  return new URL(requestOf(exchange).url).pathname
}
