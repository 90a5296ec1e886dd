import { describe, expect, it } from 'vitest'
import { aksChecks } from '../../src/doctor/checks/aks.js'
import type { AksEvidence, ClusterEvidence, WebhookEvidence } from '../../src/doctor/evidence/model.js'
import { healthyCluster, issuer } from './cluster-evidence.js'

const aks: AksEvidence = { name: 'prod', resourceGroup: 'my (group)', issuer, workloadIdentity: true }
const update = "az aks update --name prod --resource-group 'my (group)' --enable-oidc-issuer --enable-workload-identity"
const webhookIn = (namespace: string): ClusterEvidence['webhook'] => ({
  value: {
    configuration: { webhooks: [{ clientConfig: { service: { name: 'webhook', namespace } } }] },
    readyEndpoints: 1
  } as unknown as WebhookEvidence
})
const outcomes = (changes: Partial<ClusterEvidence>): string[] =>
  aksChecks({ ...healthyCluster, ...changes }).map(({ check, outcome }) => `${check} ${outcome}`)

describe('aksChecks', () => {
  it.each<[string, Partial<ClusterEvidence>, string[]]>([
    ["a cluster that is none of AKS's", { aks: { value: null } }, ['aks-oidc-issuer skipped']],
    ['one that could not be read', { aks: { unread: 'no login' } }, ['aks-oidc-issuer skipped']],
    ['a healthy one', { aks: { value: aks } }, ['aks-oidc-issuer ok', 'aks-workload-identity ok']],
    [
      'no issuer',
      { aks: { value: { ...aks, issuer: undefined } } },
      ['aks-oidc-issuer fail', 'aks-workload-identity ok']
    ],
    [
      'neither',
      { aks: { value: { ...aks, issuer: undefined, workloadIdentity: false } } },
      ['aks-oidc-issuer fail', 'aks-workload-identity skipped']
    ],
    [
      'no workload identity',
      { aks: { value: { ...aks, workloadIdentity: false } } },
      ['aks-oidc-issuer ok', 'aks-workload-identity fail']
    ],
    [
      'none, and what AKS left of its webhook',
      { aks: { value: { ...aks, workloadIdentity: false } }, webhook: webhookIn('kube-system') },
      ['aks-oidc-issuer ok', 'aks-workload-identity fail']
    ],
    [
      'none, and a webhook by helm',
      { aks: { value: { ...aks, workloadIdentity: false } }, webhook: webhookIn('azure-workload-identity-system') },
      ['aks-oidc-issuer ok', 'aks-workload-identity ok']
    ],
    [
      'an API server that has not followed yet',
      { aks: { value: { ...aks, issuer: 'https://other/' } } },
      ['aks-oidc-issuer warn', 'aks-workload-identity ok']
    ]
  ])('%s', (_, changes, expected) => {
    expect(outcomes(changes)).toEqual(expected)
  })

  it('says why it could not look', () => {
    expect(aksChecks({ ...healthyCluster, aks: { unread: 'no login' } })[0]?.message).toContain('no login')
  })

  it('mends either with the one line that turns both on', () => {
    const fixes = [
      { ...aks, issuer: undefined },
      { ...aks, workloadIdentity: false }
    ].map(value => aksChecks({ ...healthyCluster, aks: { value } }).find(({ outcome }) => outcome === 'fail')?.fix)
    expect(fixes).toEqual([[update], [update]])
  })
})
