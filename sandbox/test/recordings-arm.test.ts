import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { builtInRoleDefinitions } from '../src/arm/built-in-roles.js'
import type { JsonObject } from '../src/json.js'
import type { State } from '../src/state.js'
import { readRecording, recordingsAreHere, recordingsFolder, Translation } from './recordings.js'
import { addGroup, compare, createStage, replay } from './recordings-replay.js'

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000000'
const throttled = 'throttling belongs to fault injection'
const otherProvider = 'another provider, which the sandbox does not have'

/** The sandbox grants nothing, so its built-in roles come without permissions. */
const otherLists = /\.permissions\[0\]\./

describe.skipIf(!recordingsAreHere)('ARM answers as it was recorded', () => {
  it('about managed identities', async () => {
    expect(
      await replay({
        file: 'identity/azcli-test_identity_management',
        seed: state => {
          addGroup(state, 'cli_test_identity_mgmt_000001', 'westus', { product: '', cause: '', date: '' })
        },
        skipped: { 0: "the list of a provider's operations is nothing that a client of ours asks for" },
        // The 2024 answers have another order: location, tags, id, name, type, properties.
        ordered: false
      })
    ).toBe(5)
  })

  it('about their federated credentials', async () => {
    expect(
      await replay({
        file: 'identity/azcli-test_federated_identity_credential',
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

  it('about role assignments, from the application to its end', async () => {
    expect(
      await replay({
        file: 'role/azcli-test_create_for_rbac_password_with_assignment',
        seed: state => {
          addGroup(state, 'cli_sp_create_for_rbac000001')
        },
        newer: ['nativeAuthenticationApisEnabled', 'uniqueName', 'redirectUriSettings'],
        otherLists
      })
    ).toBe(17)
  })

  it('about the names and GUIDs of built-in roles', () => {
    const { builtInRoles } = JSON.parse(readFileSync(`${recordingsFolder}/role/builtin-role-names.json`, 'utf8')) as {
      builtInRoles: { roleName: string; name: string }[]
    }
    const recorded = new Map(builtInRoles.map(({ roleName, name }) => [roleName, name]))
    for (const { roleName, name } of builtInRoleDefinitions()) expect(recorded.get(roleName), roleName).toBe(name)
  })

  it('about custom roles', async () => {
    expect(await replay({ file: 'role/azcli-test_role_definition_scenario', otherLists })).toBe(8)
  })

  it('about the same assignment under another name', async () => {
    expect(
      await replay({
        file: 'role/azcli-test_containerapp_registry_identity_user-RoleAssignmentExists',
        seed: state => {
          addGroup(state, 'clitest.rg000001', 'eastus')
        },
        otherLists,
        skipped: {
          3: 'the service principal of a managed identity bears a certificate, which the sandbox does not make; see the test below',
          8: 'as 3',
          12: 'as 3',
          16: 'as 3'
        }
      })
    ).toBe(13)
  })

  it('about the service principal of a managed identity, less its certificate', async () => {
    const { state, arm, graph } = await createStage()
    addGroup(state, 'clitest.rg000001', 'eastus')
    const exchanges = readRecording('role/azcli-test_containerapp_registry_identity_user-RoleAssignmentExists')
    const translation = new Translation()
    const put = await arm('PUT', new URL(exchanges[0]!.request.url).href.replace('https://management.azure.com', ''), {
      body: exchanges[0]!.request.body
    })
    translation.learn(exchanges[0]!.response.body, put.body as unknown as JsonObject)
    const answer = await graph('POST', '/v1.0/directoryObjects/getByIds', {
      body: JSON.parse(translation.apply(JSON.stringify(exchanges[3]!.request.body))) as object
    })
    const recorded = structuredClone(exchanges[3]!)
    const [principal] = (recorded.response.body as { value: JsonObject[] }).value
    principal!.keyCredentials = []
    compare('getByIds', recorded, answer, translation, { ordered: false })
  })

  it('about what is not there, and what is not allowed', async () => {
    expect(
      await replay({
        file: 'errors/azcli-authz-msi-graph-errors',
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
          20: state => {
            assign(
              state,
              '00000000-0000-0000-0000-000000000001',
              '4d97b98b-1d4f-4787-a291-c67834d212e7',
              `${subscription}/resourceGroups/clitest000001/providers/Microsoft.Network/virtualNetworks/clivnet000003/subnets/clisubnet000004`
            )
          },
          21: state => {
            assign(
              state,
              '79f354fa-0cb4-4d35-9742-f6c631c5094d',
              '7f951dda-4ed3-4680-a7ca-43fe172d538d',
              `${subscription}/resourceGroups/clitest.rg000001/providers/Microsoft.ContainerRegistry/registries/acr000004`
            )
          }
        }
      })
    ).toBe(19)
    expect(
      await replay({
        file: 'errors/azcli-AuthorizationFailed',
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
        file: 'errors/azcli-ResourceGroupNotFound',
        separate: true,
        skipped: rest('errors/azcli-ResourceGroupNotFound', [1], otherProvider)
      })
    ).toBe(1)
    expect(
      await replay({
        file: 'errors/aso-ResourceNotFound',
        separate: true,
        seed: state => {
          addGroup(state, 'asotest-rg-afnrdt')
        },
        skipped: { 1: otherProvider }
      })
    ).toBe(1)
  })

  it('and leaves alone what is outside it', async () => {
    for (const [file, reason] of [
      ['errors/aso-429', throttled],
      ['errors/aso-ParentResourceNotFound', `${otherProvider}; arm-identities.test.ts has the same for credentials`],
      ['errors/azcli-MissingSubscriptionRegistration', otherProvider]
    ] as const) {
      expect(await replay({ file, skipped: rest(file, [], reason) })).toBe(0)
    }
  })

  it.each(['oidc_issuer', 'workload_identity'])('about an AKS cluster with %s enabled', async feature => {
    const file = `aks/azcli-test_aks_create_with_${feature}_enabled`
    expect(
      await replay({
        file,
        seed: state => {
          addGroup(state, 'clitest000001', 'westus2')
        },
        skipped: { 1: 'clusters are not made in the sandbox, they are put into its world' },
        before: {
          2: state => {
            addCluster(state, readRecording(file)[2]!.response.body as unknown as RecordedCluster)
          }
        },
        ordered: false
      })
    ).toBe(2)
  })

  it('where it says which endpoints a cloud has', async () => {
    expect(await replay({ file: 'clouds/metadata-endpoints' })).toBe(3)
  })
})

/** Puts an assignment, and the principal that it names, into the world. */
function assign(state: State, principalId: string, role: string, scope: string): void {
  const [operator] = state.servicePrincipals.values()
  state.servicePrincipals.set(principalId, { ...operator!, id: principalId, appId: principalId })
  const name = '99999999-0000-0000-0000-000000000001'
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
  state.roleAssignments.set(id.toLowerCase(), {
    id,
    name,
    scope,
    principalId,
    principalType: 'ServicePrincipal',
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    description: null,
    condition: null,
    conditionVersion: null,
    createdOn: '',
    updatedOn: '',
    createdBy: null,
    updatedBy: null
  })
}

interface RecordedCluster {
  readonly id: string
  readonly name: string
  readonly properties: JsonObject & {
    readonly kubernetesVersion: string
    readonly securityProfile: JsonObject
    readonly oidcIssuerProfile: { readonly issuerURL: string }
  }
}

/** A cluster as it was recorded; what the world does not model goes in as it stands. */
function addCluster(state: State, { id, name, properties }: RecordedCluster): void {
  const modelled = ['securityProfile', 'oidcIssuerProfile']
  state.managedClusters.set(id.toLowerCase(), {
    id,
    name,
    resourceGroup: 'clitest000001',
    location: 'westus2',
    tags: {},
    kubernetesVersion: properties.kubernetesVersion,
    oidcIssuerEnabled: true,
    issuerUrl: properties.oidcIssuerProfile.issuerURL,
    workloadIdentityEnabled: 'workloadIdentity' in properties.securityProfile,
    otherProperties: Object.fromEntries(Object.entries(properties).filter(([property]) => !modelled.includes(property)))
  })
}

/** Every exchange of a file but those named, with one reason. */
function rest(file: string, played: readonly number[], reason: string): Record<number, string> {
  return Object.fromEntries(
    readRecording(file).flatMap((_exchange, index) => (played.includes(index) ? [] : [[index, reason]]))
  )
}
