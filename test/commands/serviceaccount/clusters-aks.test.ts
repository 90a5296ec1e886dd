import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines } from '../../helpers/log.js'
import {
  addApplication,
  addServicePrincipal,
  groupScope,
  issuerOf,
  onlyApplication,
  writes
} from '../../helpers/state.js'
import { addManagedIdentity, identityFlags } from '../../helpers/managed-identity.js'

const test = useFaultySandbox()
const aks = ['--aks-cluster', 'azwi-sandbox', '--aks-resource-group', 'azwi-sandbox']
const create = (...more: readonly string[]) =>
  test.run('sa', 'create', '--service-account-name', 'app', ...aks, ...more)
const cluster = () => [...test.sandbox.state.managedClusters.values()][0]!
const clusterId = () =>
  `${groupScope(test.sandbox.state)}/providers/Microsoft.ContainerService/managedClusters/azwi-sandbox`
const warnings = (stderr: string) =>
  logLines(stderr)
    .filter(({ level }) => level === 'WARN')
    .map(({ message }) => message)

describe('--aks-cluster', () => {
  it('reads the issuer from ARM, including the slash at the end', async () => {
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(warnings(stderr)).toEqual([])
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toMatchObject([
      { issuer: issuerOf(test.sandbox.state) }
    ])
    expect(test.sandbox.requests.filter(({ path }) => path.includes('/managedClusters/'))).toHaveLength(1)
  })

  it('gives the same issuer as the cluster, so that a second run without it writes nothing', async () => {
    await create()
    test.sandbox.requests.length = 0
    expect((await test.run('sa', 'create', '--service-account-name', 'app')).status).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
  })

  it.each([
    ['fi', identityFlags],
    ['fi', ['--aad-application-name', 'theirs']],
    ['app', []]
  ] as const)('needs no kubeconfig for the phase %s %j', async (name, more) => {
    addManagedIdentity(test.sandbox.state)
    addServicePrincipal(test.sandbox.state, addApplication(test.sandbox.state, 'theirs'))
    const { status, stderr } = await test.azwi(
      ['sa', 'create', 'phase', name, '--service-account-name', 'app', ...aks, ...more],
      { KUBECONFIG: '/nonexistent' }
    )
    expect(status, stderr).toBe(0)
  })

  it('is an error if the OIDC issuer is off, with the line that turns it on', async () => {
    Object.assign(cluster(), { oidcIssuerEnabled: false, issuerUrl: undefined })
    const { status, stderr } = await create()
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /^Error: .*OIDC issuer.*"azwi-sandbox" is off\nHint: az aks update --name azwi-sandbox --resource-group azwi-sandbox --enable-oidc-issuer/m
    )
    expect(stderr.match(/^Error: /gm)).toHaveLength(1)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('warns once if workload identity is off, with the line that turns it on', async () => {
    Object.assign(cluster(), { workloadIdentityEnabled: false })
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(warnings(stderr)).toEqual([
      expect.stringMatching(
        /workload identity is off.*az aks update --name azwi-sandbox --resource-group azwi-sandbox --enable-workload-identity/
      )
    ])
  })

  it.each([
    ['--aks-cluster', 'gone'],
    ['--aks-resource-group', 'gone']
  ])('is an error that names the subscription if the cluster does not exist: %s %s', async (flag, value) => {
    const { status, stderr } = await create(flag, value)
    expect(status).toBe(1)
    expect(stderr).toMatch(
      new RegExp(`^Error: .*"gone".*${test.sandbox.state.subscriptionId}\nHint: .*az aks list`, 'm')
    )
    expect(writes(test.sandbox)).toEqual([])
  })

  it('can be a resource ID, without a resource group', async () => {
    const { status, stderr } = await test.run(
      ...['sa', 'create', '--service-account-name', 'app'],
      ...['--aks-cluster', clusterId()]
    )
    expect(status, stderr).toBe(0)
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toMatchObject([
      { issuer: issuerOf(test.sandbox.state) }
    ])
  })

  it('works for delete too', async () => {
    await create()
    const { status, stderr } = await test.run('sa', 'delete', '--service-account-name', 'app', ...aks)
    expect(status, stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(0)
  })
})
