import { beforeEach, describe, expect, it } from 'vitest'
import { armService } from '../src/arm/service.js'
import { createManagedIdentity } from '../src/arm/managed-identity-write.js'
import type { State } from '../src/state.js'
import { reusableState } from '../../test/helpers/state-reset.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

const other = '22222222-0000-0000-0000-000000000000'
const freshState = reusableState()
let state: State
let arm: Call
let id: string
let vm: string

beforeEach(async () => {
  state = await freshState()
  arm = await createCaller(state, armService(state), 'https://management.azure.com/')
  state.subscriptions.set(other, { id: other, displayName: 'Other', state: 'Enabled', managementGroup: state.tenantId })
  const group = `/subscriptions/${state.subscriptionId}/resourcegroups/azwi-sandbox`
  id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shared`
  createManagedIdentity(state, id, 'westeurope', {})
  vm = `/subscriptions/${other}/resourceGroups/VMs/providers/Microsoft.Compute/virtualMachines/vm`
  add(vm, id.toUpperCase())
  add(vm.replace('/vm', '/unrelated'), `${id}2`)
})

function add(resource: string, ...userAssignedIdentities: string[]): void {
  state.resources.set(resource.toLowerCase(), { id: resource, location: 'westeurope', userAssignedIdentities })
}

const ask = (version = '2021-09-30-PREVIEW', options = '', target = id): Promise<Answer> =>
  arm('POST', `${target}/listAssociatedResources?api-version=${version}${options}`, { body: {} })

describe('listAssociatedResources', () => {
  it('lists the resources that use an identity, in every subscription', async () => {
    expect((await ask()).body).toEqual({
      totalCount: 1,
      value: [
        {
          id: vm,
          name: 'vm',
          type: 'microsoft.compute/virtualmachines',
          resourceGroup: 'vms',
          subscriptionId: other,
          subscriptionDisplayName: 'Other'
        }
      ]
    })
    expect((await ask('2022-01-31-preview')).body.totalCount).toBe(1)
    expect((await ask(undefined, '', `${id}2`)).status).toBe(404)
  })

  it('lists AKS clusters by the identity of the control plane, and their scale sets by that of the nodes', async () => {
    const cluster = {
      id: `/subscriptions/${state.subscriptionId}/resourceGroups/azwi-sandbox/providers/Microsoft.ContainerService/managedClusters/aks`,
      name: 'aks',
      resourceGroup: 'azwi-sandbox',
      location: 'westeurope',
      tags: {},
      kubernetesVersion: '1.33.1',
      oidcIssuerEnabled: false,
      issuerUrl: undefined,
      workloadIdentityEnabled: false,
      otherProperties: {}
    }
    const names = async (): Promise<string[]> => (await ask()).body.value.map(({ name }) => name).sort()
    state.managedClusters.set(cluster.id.toLowerCase(), { ...cluster, controlPlaneIdentity: id })
    expect(await names()).toEqual(['aks', 'vm'])
    state.managedClusters.set(cluster.id.toLowerCase(), { ...cluster, kubeletIdentity: id })
    expect(await names()).toEqual(['aks-nodepool1-vmss', 'vm'])
    const { body } = await arm('GET', `${cluster.id}?api-version=2025-08-01`)
    const { clientId, principalId } = state.managedIdentities.get(id.toLowerCase())!
    expect(body.properties.identityProfile).toEqual({
      kubeletidentity: { resourceId: id, clientId, objectId: principalId }
    })
  })

  it('leaves out what the caller may not read', async () => {
    state.denied.add(`*/read /subscriptions/${other}`)
    expect((await ask()).body).toEqual({ totalCount: 0, value: [] })
  })

  it('can be denied alone', async () => {
    state.denied.add('Microsoft.ManagedIdentity/userAssignedIdentities/listAssociatedResources/action')
    const { status, body } = await ask()
    expect([status, body.error.code]).toEqual([403, 'AuthorizationFailed'])
    expect((await arm('GET', `${id}?api-version=2024-11-30`)).status).toBe(200)
  })

  it('is listed in pages', async () => {
    add(vm.replace('/vm', '/vm2'), id)
    const first = (await ask(undefined, '&$top=1')).body
    expect([first.totalCount, first.value.length]).toEqual([2, 1])
    expect((await arm('POST', first.nextLink)).body.value).toMatchObject([{ name: 'vm2' }])
  })

  it.each([
    ['2024-11-30', '', 404, 'NotFound'],
    ['2023-01-31', '', 404, 'NotFound'],
    ['2018-11-30', '', 404, 'NotFound'],
    ['2021-01-01', '', 400, 'InvalidApiVersionParameter'],
    ['2021-09-30-preview', "&$filter=name eq 'x'", 400, 'BadRequest'],
    ['2021-09-30-preview', '&$top=x', 400, 'BadRequest']
  ])('in the API version %s with %j is a %i %s', async (version, options, status, code) => {
    const answer = await ask(version, options)
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
  })
})
