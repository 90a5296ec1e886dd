import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import {
  addManagedIdentity,
  identityFlags,
  identityId,
  onlyManagedIdentity,
  servicesAsked
} from '../../helpers/managed-identity.js'
import { groupScope, serviceAccountIn, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const account = ['--service-account-name', 'app']
const role = () => ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]
const phase = (name: string, ...more: readonly string[]) =>
  test.run('sa', 'create', 'phase', name, ...identityFlags, ...more)
const written = () => writes(test.sandbox).map(({ service, method }) => `${method} ${service}`)

describe('azwi serviceaccount create phase, with a managed identity', () => {
  it.each(['managed-identity', 'mi'])('%s creates only the identity, without a cluster or Graph', async name => {
    const { status, stderr } = await test.azwi(['sa', 'create', 'phase', name, ...identityFlags], {
      KUBECONFIG: '/nonexistent'
    })
    expect(status, stderr).toBe(0)
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toEqual([])
    expect(written()).toEqual(['PUT arm'])
    expect(servicesAsked(test.sandbox)).toEqual(['arm', 'entra'])
  })

  it.each(['sa', 'service-account'])('%s writes the client ID that it looks up', async name => {
    const { clientId } = addManagedIdentity(test.sandbox.state)
    const { status, stderr } = await phase(name, ...account)
    expect(status, stderr).toBe(0)
    expect(written()).toEqual(['PATCH kubernetes'])
    expect(
      serviceAccountIn(test.sandbox.state, 'app')?.metadata.annotations?.['azure.workload.identity/client-id']
    ).toBe(clientId)
  })

  it('fi adds only the credential', async () => {
    const identity = addManagedIdentity(test.sandbox.state)
    const { status, stderr } = await phase('fi', ...account)
    expect(status, stderr).toBe(0)
    expect(written()).toEqual(['PUT arm'])
    expect(identity.federatedIdentityCredentials).toHaveLength(1)
  })

  it('ra assigns only the role, without a cluster', async () => {
    const { principalId } = addManagedIdentity(test.sandbox.state)
    const { status, stderr } = await test.azwi(['sa', 'create', 'phase', 'ra', ...identityFlags, ...role()], {
      KUBECONFIG: '/nonexistent'
    })
    expect(status, stderr).toBe(0)
    expect(written()).toEqual(['PUT arm'])
    expect([...test.sandbox.state.roleAssignments.values()]).toMatchObject([{ principalId }])
  })

  it.each(['sa', 'fi', 'ra'])(
    '%s writes nothing without its identity, and the error says where it was looked up',
    async name => {
      const { status, stderr } = await phase(name, ...(name === 'ra' ? role() : account))
      expect(status).toBe(1)
      expect(stderr).toMatch(
        new RegExp(
          `^Error: there is no managed identity "shared" in the resource group "azwi-sandbox" of subscription ${test.sandbox.state.subscriptionId}$`,
          'm'
        )
      )
      expect(stderr).toMatch(/^Hint: .*az identity list/m)
      expect(writes(test.sandbox)).toEqual([])
    }
  )

  it.each([
    ['sa', account],
    ['fi', account],
    ['ra', []]
  ])('%s accepts the resource ID alone', async (name, more) => {
    addManagedIdentity(test.sandbox.state)
    const { status, stderr } = await test.run(
      'sa',
      'create',
      'phase',
      name,
      '--managed-identity-resource-id',
      identityId(test.sandbox.state),
      ...more,
      ...(name === 'ra' ? role() : [])
    )
    expect(status, stderr).toBe(0)
    expect(writes(test.sandbox)).toHaveLength(1)
    expect(servicesAsked(test.sandbox)).not.toContain('graph')
  })

  it('mi is refused without flags of a managed identity, and app with them', async () => {
    for (const words of [
      ['phase', 'mi'],
      ['phase', 'app', ...identityFlags, ...account]
    ]) {
      const { status, stderr } = await test.run('sa', 'create', ...words)
      expect(status, stderr).toBe(2)
      expect(stderr).toMatch(/^Error: .+\nHint: .+\n$/)
    }
    expect(test.sandbox.requests).toEqual([])
  })

  it('--skip-phases mi reads the identity and creates none', async () => {
    const refused = await test.run('sa', 'create', ...account, ...identityFlags, '--skip-phases', 'mi')
    expect(refused.status).toBe(1)
    expect(writes(test.sandbox)).toEqual([])
    addManagedIdentity(test.sandbox.state)
    const { status, stderr } = await test.run('sa', 'create', ...account, ...identityFlags, '--skip-phases', 'mi')
    expect(status, stderr).toBe(0)
    expect(written().toSorted()).toEqual(['PATCH kubernetes', 'PUT arm'])
  })
})
