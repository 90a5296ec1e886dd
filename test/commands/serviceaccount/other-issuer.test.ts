import { describe, expect, it } from 'vitest'
import { createClock } from '../../helpers/clock.js'
import { connectApplication } from '../../helpers/connected.js'
import { identityFlags } from '../../helpers/managed-identity.js'
import { countRounds } from '../../helpers/rounds.js'
import {
  addApplication,
  everythingIn,
  issuerOf,
  onlyApplication,
  serviceAccountIn,
  writes
} from '../../helpers/state.js'
import { useApply } from '../../workloads/stage.js'

const { test, apply } = useApply()
const other = 'https://another-cluster.example/'
const discovery = '/.well-known/openid-configuration'
const name = ['--service-account-name', 'app']
const create = (...more: readonly string[]) => test.run('sa', 'create', ...name, ...more)
const issuerFlag = (issuer: string) => ['--service-account-issuer-url', issuer]
const aksFlags = ['--aks-cluster', 'azwi-sandbox', '--aks-resource-group', 'azwi-sandbox']
const cluster = () => [...test.sandbox.state.managedClusters.values()][0]!
const discoveryRequests = () => test.sandbox.requests.filter(({ path }) => path === discovery)

/** Denies the issuer to the user, as a cluster does for everyone who is no administrator. */
const denyIssuer = (): void => {
  test.fault((request, _service, next) =>
    request.path === discovery
      ? Promise.resolve({ status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'no', code: 403 } })
      : next()
  )
}

describe('an issuer that the cluster does not publish', () => {
  it.each([
    ['create', ['create', ...name]],
    ['create with a managed identity', ['create', ...name, ...identityFlags]],
    ['create phase sa', ['create', 'phase', 'sa', ...name, ...identityFlags]],
    ['create --dry-run', ['create', ...name, '--dry-run']],
    ['delete', ['delete', ...name]],
    ['delete phase fi, which follows the annotation', ['delete', 'phase', 'fi', ...name]]
  ])('is refused before anything is written: %s', async (_what, words) => {
    connectApplication(test.sandbox.state, 'app')
    const before = everythingIn(test.sandbox.state)
    const { status, stderr } = await test.run('sa', ...words, ...issuerFlag(other))
    expect(status, stderr).toBe(1)
    expect(stderr).toMatch(
      new RegExp(
        `^Error: --service-account-issuer-url is ${other}, but the cluster at https://\\S+ publishes the issuer ${issuerOf(test.sandbox.state)}$`,
        'm'
      )
    )
    expect(stderr).toMatch(/^Hint: .*--context.*--allow-other-issuer/m)
    expect(stderr.match(/^Error: /gm)).toHaveLength(1)
    expect(everythingIn(test.sandbox.state)).toEqual(before)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('is refused if it is the issuer of the AKS cluster that a flag names', async () => {
    Object.assign(cluster(), { issuerUrl: other })
    const { status, stderr } = await create(...aksFlags)
    expect(status, stderr).toBe(1)
    expect(stderr).toContain(`Error: the issuer of the AKS cluster "azwi-sandbox" is ${other}, but the cluster at`)
    expect(writes(test.sandbox)).toEqual([])
  })

  it.each([
    ['a slash at the end', () => issuerOf(test.sandbox.state).replace(/\/$/, '')],
    ['letter case', () => issuerOf(test.sandbox.state).replace('https://l', 'https://L')]
  ])('is refused with the right one if it differs only in %s', async (_what, nearIssuer) => {
    const { status, stderr } = await create(...issuerFlag(nearIssuer()))
    expect(status, stderr).toBe(1)
    expect(stderr).toContain('Entra compares issuers byte for byte')
    expect(stderr).toContain(`Hint: give ${issuerOf(test.sandbox.state)}, or leave the issuer out`)
    expect(writes(test.sandbox)).toEqual([])
  })

  it.each([issuerFlag(other), aksFlags])('is used with --allow-other-issuer and a warning: %s', async (...flags) => {
    Object.assign(cluster(), { issuerUrl: other })
    const { status, stderr } = await create(...flags, '--allow-other-issuer')
    expect(status, stderr).toBe(0)
    expect(stderr).toMatch(/^WARN.*the issuer given is not the one that the cluster publishes/m)
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toMatchObject([{ issuer: other }])
  })
})

describe('an issuer that cannot be read', () => {
  it.each([issuerFlag(other), aksFlags])(
    'is not a refusal: the one that was given is used, and azwi says so: %s',
    async (...flags) => {
      denyIssuer()
      Object.assign(cluster(), { issuerUrl: other })
      const { status, stderr } = await create(...flags)
      expect(status, stderr).toBe(0)
      expect(stderr).toMatch(
        /the issuer of the cluster could not be read, so the one that was given is used.*403.*another-cluster/
      )
      expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toMatchObject([{ issuer: other }])
      const removal = await test.run('sa', 'delete', ...name, ...flags)
      expect(removal.status, removal.stderr).toBe(0)
      expect([test.sandbox.state.applications.size, serviceAccountIn(test.sandbox.state, 'app')]).toEqual([
        0,
        undefined
      ])
    }
  )
})

describe('an issuer that is not compared', () => {
  it.each([
    ['create phase fi', ['create', 'phase', 'fi', ...name, '--aad-application-name', 'shared']],
    ['create phase app', ['create', 'phase', 'app', ...name, '--aad-application-name', 'shared']],
    ['create without the service account', ['create', ...name, '--skip-phases', 'sa']],
    [
      'delete of a named identity without the service account',
      ['delete', ...name, '--aad-application-name', 'shared', '--skip-phases', 'sa']
    ]
  ])('needs no cluster: %s', async (_what, words) => {
    addApplication(test.sandbox.state, 'shared')
    const { status, stderr } = await test.azwi(['sa', ...words, ...issuerFlag(other)], { KUBECONFIG: '/nonexistent' })
    expect(status, stderr).toBe(0)
    expect(discoveryRequests()).toEqual([])
  })

  it('is that of the cluster itself: nothing is compared without a flag', async () => {
    await create()
    expect(discoveryRequests()).toHaveLength(1)
  })
})

it('an issuer is compared at the same time as the other look-ups, which does not make the longest chain longer', async () => {
  await create('--dry-run')
  const depthOf = async (...flags: readonly string[]) => {
    const clock = createClock()
    const rounds = countRounds(test, clock)
    const { status, stderr } = await test.azwi(['sa', 'create', ...name, '--dry-run', ...flags], {}, { clock })
    expect(status, stderr).toBe(0)
    return rounds()
  }
  const depth = await depthOf()
  expect(await depthOf(...issuerFlag(issuerOf(test.sandbox.state)))).toBeLessThanOrEqual(depth)
})

describe('a pin in a workload file', () => {
  const aksId = () =>
    `/subscriptions/${test.sandbox.state.subscriptionId}/resourceGroups/AZWI-sandbox/providers/Microsoft.ContainerService/managedClusters/azwi-sandbox`

  it.each([
    ['issuer', () => `issuer: "${other}"`, 'the issuer is'],
    [
      'cluster by name',
      () => 'cluster: { name: azwi-sandbox, resourceGroup: azwi-sandbox }',
      'the issuer of the AKS cluster azwi-sandbox is'
    ],
    ['cluster by ID', () => `cluster: { resourceId: "${aksId()}" }`, 'is']
  ])(
    'refuses the whole file, with its place, if the cluster publishes another issuer: %s',
    async (_what, pin, origin) => {
      Object.assign(cluster(), { issuerUrl: other })
      const before = everythingIn(test.sandbox.state)
      const text = `workloads:\n- name: without-pin\n- name: shares\n  identity: { application: { name: x } }\n- name: pinned\n  ${pin()}\n`
      const { status, stderr } = await apply(text)
      expect(status, stderr).toBe(1)
      expect(stderr).toMatch(/^default\/without-pin, default\/shares, default\/pinned:$/m)
      expect(stderr).toMatch(/workloads\.yaml:6:\d+: the issuer/)
      expect(stderr).toContain(`${origin} ${other}, but the cluster at`)
      expect(stderr.match(/^Error: /gm)).toHaveLength(1)
      expect(everythingIn(test.sandbox.state)).toEqual(before)
    }
  )

  it('is accepted if the AKS cluster publishes the issuer of the cluster, which Azure reports once for all workloads', async () => {
    Object.assign(cluster(), { workloadIdentityEnabled: false })
    const text = `defaults: { cluster: { resourceId: "${aksId()}" } }\nworkloads: [{ name: a }, { name: b }, { name: c }, { name: d }]`
    const { status, stderr } = await apply(text)
    expect(status, stderr).toBe(0)
    expect(stderr.match(/workload identity is off/g)).toHaveLength(1)
    expect(test.sandbox.requests.filter(({ path }) => path.includes('/managedClusters/'))).toHaveLength(1)
    expect(discoveryRequests()).toHaveLength(1)
  })

  it('is not compared for a workload that is not selected', async () => {
    const text = `workloads: [{ name: here }, { name: there, issuer: "${other}" }]`
    const { status, stderr } = await apply(text, '--include', '*/here')
    expect(status, stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(1)
  })

  it('is used with --allow-other-issuer', async () => {
    const { status, stderr } = await apply(`workloads: [{ name: app, issuer: "${other}" }]`, '--allow-other-issuer')
    expect(status, stderr).toBe(0)
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toMatchObject([{ issuer: other }])
  })

  it('is used if the issuer of the cluster cannot be read', async () => {
    denyIssuer()
    const { status, stderr } = await apply(`workloads: [{ name: app, issuer: "${other}" }]`)
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('the issuer of the cluster could not be read')
  })

  it('makes the stale annotation of an earlier issuer a change, and not a refusal', async () => {
    const fileOf = (issuer: string) =>
      `workloads: [{ name: app, issuer: "${issuer}", identity: { application: { name: x } } }]`
    await apply(fileOf(other), '--allow-other-issuer')
    const outcome = await apply(fileOf(issuerOf(test.sandbox.state)), '--adopt', '--dry-run')
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(outcome.stderr).toContain(`azwi/issuer: "${other}" → "${issuerOf(test.sandbox.state)}"`)
  })

  it.each([
    [
      'both an issuer and a cluster',
      `issuer: "${other}", cluster: { name: a, resourceGroup: b }`,
      /workloads\.yaml:1:\d+: issuer and cluster\.name both say what the issuer is/
    ],
    ['a cluster without a resource group', 'cluster: { name: a }', /cluster/],
    ['a cluster with a name and an ID', 'cluster: { name: a, resourceId: b }', /cluster/],
    [
      'an ID of something else',
      'cluster: { resourceId: /subscriptions/x }',
      /workloads\.yaml:1:\d+: cluster\.resourceId "\/subscriptions\/x": is neither the name nor the resource id of an AKS cluster/
    ]
  ])('is refused before any request with %s', async (_what, pin, message) => {
    const { status, stderr } = await apply(`workloads: [{ name: app, ${pin} }]`)
    expect({ status, requests: test.sandbox.requests.length }).toEqual({ status: 2, requests: 0 })
    expect(stderr).toMatch(message)
  })
})
