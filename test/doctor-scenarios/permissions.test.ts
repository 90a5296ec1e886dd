import { describe, expect, it } from 'vitest'
import type { CheckName } from '../../src/doctor/finding.js'
import { diagnose, formatFindings, problemsIn } from './test-scenarios.js'
import { useHealthySetups } from './setup.js'
import type { ScenarioSetup } from './scenario.js'

const setupOf = useHealthySetups()

/** The denied objects, and the checks that need them. */
const denied: readonly (readonly [string, (setup: ScenarioSetup) => void, readonly CheckName[]])[] = [
  [
    'Graph',
    ({ state }) => {
      state.denied.add('graph reads')
    },
    ['client-id', 'identity', 'principal', 'credential', 'roles']
  ],
  [
    'the resource manager',
    ({ state }) => {
      state.denied.add('arm reads')
    },
    ['aks-oidc-issuer', 'roles']
  ],
  [
    'pods',
    ({ state }) => {
      state.cluster.denied.add('list pods')
    },
    ['pod-environment']
  ],
  [
    'tokens of service accounts',
    ({ state }) => {
      state.cluster.denied.add('create serviceaccounts/token')
    },
    ['issuer-token', 'proof']
  ],
  [
    'webhooks',
    ({ state }) => {
      state.cluster.denied.add('list mutatingwebhookconfigurations.admissionregistration.k8s.io')
    },
    ['webhook-present', 'webhook-namespace']
  ],
  [
    'endpoints',
    ({ state }) => {
      state.cluster.denied.add('list endpointslices.discovery.k8s.io')
    },
    ['webhook-endpoints']
  ],
  [
    'namespaces',
    ({ state }) => {
      state.cluster.denied.add('list namespaces')
    },
    ['webhook-namespace']
  ],
  [
    'deployments',
    ({ state }) => {
      state.cluster.denied.add('list deployments.apps')
    },
    []
  ],
  [
    'the service account',
    ({ state }) => {
      state.cluster.denied.add('get serviceaccounts').add('list serviceaccounts')
    },
    ['service-account', 'client-id', 'proof']
  ]
]

describe('the doctor without a permission', () => {
  it.each(denied)('skips the checks that need %s, with the reason, and fails nothing', async (_name, deny, checks) => {
    const setup = setupOf('application')
    deny(setup)
    const { status, findings } = await diagnose(setup)
    expect({ status, notWell: problemsIn(findings) }, formatFindings(findings)).toEqual({ status: 0, notWell: [] })
    for (const check of checks) {
      expect(
        findings.filter(finding => finding.check === check),
        check
      ).toMatchObject([{ outcome: 'skipped', message: expect.stringMatching(/\w{3}/) as string }])
    }
    expect(
      findings.some(({ outcome, message }) => outcome === 'skipped' && message.includes('could not be read')),
      formatFindings(findings)
    ).toBe(true)
  })

  it('fails nothing for a managed identity without the resource manager', async () => {
    const setup = setupOf('managed identity')
    setup.state.denied.add('arm reads')
    const { status, findings } = await diagnose(setup)
    expect({ status, notWell: problemsIn(findings) }, formatFindings(findings)).toEqual({ status: 0, notWell: [] })
  })
})
