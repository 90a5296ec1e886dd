import { describe, expect, it } from 'vitest'
import type { CheckName } from '../../src/doctor/finding.js'
import { diagnose, formatFindings, problemsIn } from './test-scenarios.js'
import { useHealthySetups } from './setup.js'
import type { ScenarioSetup } from './scenario.js'

const stageOf = useHealthySetups()

/** Each: whom we may not read, and what cannot be told for it. */
const denied: readonly (readonly [string, (stage: ScenarioSetup) => void, readonly CheckName[]])[] = [
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

describe('without the right to read', () => {
  it.each(denied)('%s: what depends on it is skipped, with the reason; nothing fails', async (_whom, deny, checks) => {
    const stage = stageOf('application')
    deny(stage)
    const { status, findings } = await diagnose(stage)
    expect({ status, notWell: problemsIn(findings) }, formatFindings(findings)).toEqual({ status: 0, notWell: [] })
    for (const check of checks) {
      expect(
        findings.filter(finding => finding.check === check),
        check
      ).toMatchObject([{ outcome: 'skipped', message: expect.stringMatching(/\w{3}/) as string }])
    }
    expect(
      findings.some(
        ({ outcome, message }) =>
          outcome === 'skipped' && /not allowed|may not|forbidden|denied|no rights?\b/i.test(message)
      ),
      formatFindings(findings)
    ).toBe(true)
  })

  it('of a managed identity, the resource manager: nothing fails', async () => {
    const stage = stageOf('managed identity')
    stage.state.denied.add('arm reads')
    const { status, findings } = await diagnose(stage)
    expect({ status, notWell: problemsIn(findings) }, formatFindings(findings)).toEqual({ status: 0, notWell: [] })
  })
})
