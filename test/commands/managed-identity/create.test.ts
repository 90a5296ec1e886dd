import { describe, expect, it } from 'vitest'
import { credentialNamePattern } from '../../../src/domain/names.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { fieldsFor, logLines, messages } from '../../helpers/log.js'
import {
  addManagedIdentity,
  addResourceGroup,
  identityFlags,
  identityId,
  onlyManagedIdentity,
  servicesAsked,
  stateOf
} from '../../helpers/managed-identity.js'
import { groupScope, issuerOf, serviceAccountIn, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const words = () => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  '--azure-role',
  'Reader',
  '--azure-scope',
  groupScope(test.sandbox.state)
]
const create = (...more: readonly string[]) => test.run(...words(), ...identityFlags, ...more)

describe('azwi serviceaccount create with a managed identity', () => {
  it('creates identity, credential, service account and role assignment, without a request to Graph', async () => {
    const { status, stdout, stderr } = await create()
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' })
    const { state } = test.sandbox
    const identity = onlyManagedIdentity(state)
    expect(identity).toMatchObject({ name: 'shared', location: 'westeurope', tags: { 'managed-by': 'azwi' } })
    expect(identity.federatedIdentityCredentials).toMatchObject([
      {
        issuer: issuerOf(state),
        subject: 'system:serviceaccount:default:app',
        audiences: ['api://AzureADTokenExchange'],
        name: expect.stringMatching(credentialNamePattern) as string
      }
    ])
    expect(serviceAccountIn(state, 'app')?.metadata.annotations).toMatchObject({
      'azure.workload.identity/client-id': identity.clientId,
      'azure.workload.identity/tenant-id': state.tenantId
    })
    expect([...state.roleAssignments.values()]).toMatchObject([
      { principalId: identity.principalId, principalType: 'ServicePrincipal', scope: groupScope(state) }
    ])
    expect(state.applications.size).toBe(0)
    expect(servicesAsked(test.sandbox)).toEqual(['arm', 'entra', 'kubernetes'])
  })

  it('reports each created object', async () => {
    const { stderr } = await create()
    expect(messages(stderr).toSorted()).toEqual([
      '[federated-identity] added federated credential',
      '[managed-identity] created managed identity',
      '[role-assignment] created role assignment',
      '[service-account] created Kubernetes service account'
    ])
    expect(fieldsFor(stderr, '[managed-identity] created managed identity')).toMatchObject({
      name: 'shared',
      clientID: onlyManagedIdentity(test.sandbox.state).clientId,
      managedIdentityID: onlyManagedIdentity(test.sandbox.state).id
    })
  })

  it('writes nothing in a second run, and reports that everything exists', async () => {
    await create()
    const before = stateOf(test.sandbox.state)
    test.sandbox.requests.length = 0
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(stateOf(test.sandbox.state)).toEqual(before)
    expect(messages(stderr).every(text => text.endsWith('already exists'))).toBe(true)
  })

  it('writes nothing in a dry run, and reports the planned changes', async () => {
    const { status, stderr } = await create('--dry-run')
    expect(status, stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(messages(stderr)).toContain('[managed-identity] would create managed identity')
  })

  it('uses the given location and tags, and adds the mark', async () => {
    const { status, stderr } = await create(
      '--managed-identity-location',
      'North Europe',
      '--managed-identity-tags',
      'team=blue, cost=1=2'
    )
    expect(status, stderr).toBe(0)
    expect(onlyManagedIdentity(test.sandbox.state)).toMatchObject({
      location: 'northeurope',
      tags: { team: 'blue', cost: '1=2', 'managed-by': 'azwi' }
    })
    test.sandbox.requests.length = 0
    const again = await create('--managed-identity-location', 'northeurope')
    expect(again.status, again.stderr).toBe(0)
    expect(again.stderr).not.toContain('WARN')
    expect(writes(test.sandbox)).toEqual([])
  })

  it('uses the location of the resource group by default', async () => {
    addResourceGroup(test.sandbox.state, 'other', 'eastus2')
    const { status, stderr } = await test.run(
      ...words(),
      '--managed-identity-name',
      'shared',
      '--managed-identity-resource-group',
      'OTHER'
    )
    expect(status, stderr).toBe(0)
    expect(onlyManagedIdentity(test.sandbox.state)).toMatchObject({ location: 'eastus2', resourceGroup: 'other' })
  })

  it('does not change an existing one, and warns if another location is given', async () => {
    const { state } = test.sandbox
    addManagedIdentity(state, 'shared', { location: 'eastus', tags: { team: 'green' } })
    const { status, stderr } = await create(
      '--managed-identity-location',
      'westeurope',
      '--managed-identity-tags',
      'team=blue'
    )
    expect(status, stderr).toBe(0)
    expect(onlyManagedIdentity(state)).toMatchObject({ location: 'eastus', tags: { team: 'green' } })
    expect(onlyManagedIdentity(state).federatedIdentityCredentials).toHaveLength(1)
    expect(
      logLines(stderr)
        .filter(({ level }) => level === 'WARN')
        .map(({ message }) => message)
    ).toEqual([
      expect.stringMatching(/eastus/),
      'azwi did not create the managed identity "shared": delete will keep it'
    ])
    expect(writes(test.sandbox).filter(({ path }) => path.toLowerCase() === identityId(state).toLowerCase())).toEqual(
      []
    )
  })
})
