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
    ['skips a cluster that could not be read', { aks: { unread: 'no login' } }, ['aks-oidc-issuer skipped']],
    [
      'accepts a cluster with issuer and workload identity',
      { aks: { value: aks } },
      ['aks-oidc-issuer ok', 'aks-workload-identity ok']
    ],
    [
      'fails without the issuer',
      { aks: { value: { ...aks, issuer: undefined } } },
      ['aks-oidc-issuer fail', 'aks-workload-identity ok']
    ],
    [
      'fails only for the issuer without both',
      { aks: { value: { ...aks, issuer: undefined, workloadIdentity: false } } },
      ['aks-oidc-issuer fail', 'aks-workload-identity skipped']
    ],
    [
      'fails without workload identity',
      { aks: { value: { ...aks, workloadIdentity: false } } },
      ['aks-oidc-issuer ok', 'aks-workload-identity fail']
    ],
    [
      'fails without workload identity, even if the webhook of AKS is still configured',
      { aks: { value: { ...aks, workloadIdentity: false } }, webhook: webhookIn('kube-system') },
      ['aks-oidc-issuer ok', 'aks-workload-identity fail']
    ],
    [
      'accepts a webhook from the Helm chart in place of workload identity',
      { aks: { value: { ...aks, workloadIdentity: false } }, webhook: webhookIn('azure-workload-identity-system') },
      ['aks-oidc-issuer ok', 'aks-workload-identity ok']
    ],
    [
      'warns if the API server names another issuer',
      { aks: { value: { ...aks, issuer: 'https://other/' } } },
      ['aks-oidc-issuer warn', 'aks-workload-identity ok']
    ]
  ])('%s', (_, changes, expected) => {
    expect(outcomes(changes)).toEqual(expected)
  })

  it('reports why the cluster could not be read', () => {
    expect(aksChecks({ ...healthyCluster, aks: { unread: 'no login' } })[0]?.message).toContain('no login')
  })

  it('fixes each with the line that turns both on', () => {
    const fixes = [
      { ...aks, issuer: undefined },
      { ...aks, workloadIdentity: false }
    ].map(value => aksChecks({ ...healthyCluster, aks: { value } }).find(({ outcome }) => outcome === 'fail')?.fix)
    expect(fixes).toEqual([[update], [update]])
  })
})
