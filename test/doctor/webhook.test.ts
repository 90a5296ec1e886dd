import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { namespaceCheck, webhookChecks } from '../../src/doctor/checks/webhook.js'
import type { ClusterEvidence } from '../../src/doctor/evidence/model.js'
import type { Finding } from '../../src/doctor/finding.js'
import { removeWorkloadIdentityWebhook } from '../../sandbox/src/kubernetes/workload-identity-webhook.js'
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.js'
import { snapshotState } from '../helpers/state-reset.js'
import { apps, core, patch, post, template, workload } from '../../sandbox/test/workload.js'
import { askCluster } from '../../sandbox/test/client.js'
import { evidenceOf, withCluster } from './sandbox-evidence.js'

let sandbox: Sandbox
let reset: () => void
beforeAll(async () => {
  sandbox = await startSandbox()
  await post(sandbox, `${core}/serviceaccounts`, { metadata: { name: 'app' } })
  reset = snapshotState(sandbox.state)
})
afterAll(() => sandbox.close())
beforeEach(() => {
  reset()
})

const configuration =
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/azure-wi-webhook-mutating-webhook-configuration'
const name = 'mutation.azure-workload-identity.io'
const change = (fields: object) => patch(sandbox, configuration, { webhooks: [{ name, ...fields }] })
const scale = (replicas: number) =>
  patch(sandbox, '/apis/apps/v1/namespaces/kube-system/deployments/azure-wi-webhook-controller-manager', {
    spec: { replicas }
  })
const label = (labels: object) => patch(sandbox, '/api/v1/namespaces/default', { metadata: { labels } })
const outcomes = (findings: readonly Finding[]) => findings.map(({ check, outcome }) => `${check}: ${outcome}`)
const check = (more: Partial<ClusterEvidence> = {}) => webhookChecks(withCluster(evidenceOf(sandbox), more).cluster)
const aks = { value: { name: 'shop', resourceGroup: 'my group', issuer: 'https://issuer', workloadIdentity: true } }

describe('webhookChecks', () => {
  it('accept a healthy webhook', () => {
    expect(check()).toEqual(
      [
        {
          check: 'webhook-present',
          outcome: 'ok',
          message: 'the webhook is configured by azure-wi-webhook-mutating-webhook-configuration'
        },
        {
          check: 'webhook-endpoints',
          outcome: 'ok',
          message: 'the service kube-system/azure-wi-webhook-webhook-service has 2 ready endpoints'
        },
        { check: 'webhook-failure-policy', outcome: 'ok', message: 'pods do not start without the webhook' }
      ].map(finding => ({ ...finding, of: undefined }))
    )
  })

  it.each<[string, Partial<ClusterEvidence>, string]>([
    [
      'outside AKS',
      {},
      'helm upgrade --install workload-identity-webhook workload-identity-webhook --repo ' +
        'https://azure.github.io/azure-workload-identity/charts --namespace azure-workload-identity-system --create-namespace --set azureTenantID=TENANT'
    ],
    [
      'if the tenant is not known',
      { tenantId: undefined },
      'helm upgrade --install workload-identity-webhook workload-identity-webhook --repo ' +
        "https://azure.github.io/azure-workload-identity/charts --namespace azure-workload-identity-system --create-namespace --set 'azureTenantID=<tenant id>'"
    ],
    [
      'in AKS',
      { aks },
      "az aks update --name shop --resource-group 'my group' --enable-oidc-issuer --enable-workload-identity"
    ],
    [
      'in an AKS cluster that could not be read',
      { aks: { unread: 'no login' }, server: 'https://shop-1.hcp.westeurope.azmk8s.io:443' },
      "az aks update --name '<cluster>' --resource-group '<resource group>' --enable-oidc-issuer --enable-workload-identity"
    ]
  ])('fail without the webhook %s', (_what, more, fix) => {
    removeWorkloadIdentityWebhook(sandbox.state)
    const findings = check(more)
    expect(outcomes(findings)).toEqual([
      'webhook-present: fail',
      'webhook-endpoints: skipped',
      'webhook-failure-policy: skipped'
    ])
    expect(findings[0]?.fix).toEqual([fix.replace('TENANT', sandbox.state.tenantId)])
  })

  it('are skipped if workload identity is off', () => {
    removeWorkloadIdentityWebhook(sandbox.state)
    const findings = check({ aks: { value: { ...aks.value, workloadIdentity: false } } })
    expect(findings.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped', 'skipped'])
    expect(findings[0]?.message).toBe(
      'because workload identity is off in the AKS cluster shop, which brings the webhook along'
    )
  })

  it('are skipped without permission to read the webhook', () => {
    const findings = check({ webhook: { unread: 'mutatingwebhookconfigurations may not be listed' } })
    expect(findings.map(({ outcome, message }) => `${outcome}: ${message}`)).toEqual(
      Array(3).fill('skipped: the webhook could not be looked at: mutatingwebhookconfigurations may not be listed')
    )
  })

  it('fail for a configuration without a webhook', async () => {
    await askCluster(sandbox, configuration, {
      method: 'PATCH',
      body: { webhooks: [] },
      headers: { 'content-type': 'application/merge-patch+json' }
    })
    expect(outcomes(check())[0]).toBe('webhook-present: fail')
  })

  it.each([
    ['Fail', 'refused'],
    ['Ignore', 'without a token']
  ])('fail without a ready endpoint, with failure policy %s', async (failurePolicy, effect) => {
    await scale(0)
    await change({ failurePolicy })
    const [, finding] = check()
    expect(finding).toMatchObject({
      outcome: 'fail',
      found: '0 ready endpoints',
      fix: [
        'kubectl scale deployment/azure-wi-webhook-controller-manager --namespace kube-system --replicas 2',
        'kubectl rollout restart deployment/azure-wi-webhook-controller-manager --namespace kube-system'
      ]
    })
    expect(finding?.message).toContain(effect)
  })

  it('skip the endpoints of a webhook with a URL, and endpoints that could not be read', () => {
    const seen = evidenceOf(sandbox).cluster.webhook
    if (!('value' in seen) || seen.value === null) throw new Error('no webhook')
    const { configuration: present } = seen.value
    expect(check({ webhook: { value: { configuration: present, readyEndpoints: undefined } } })[1]).toMatchObject({
      outcome: 'skipped'
    })
    present.webhooks![0]!.clientConfig = { url: 'https://elsewhere' }
    expect(check()[1]).toMatchObject({ outcome: 'skipped', message: 'the webhook is called by URL, not by a service' })
  })

  it('warn about the failure policy Ignore', async () => {
    await change({ failurePolicy: 'Ignore' })
    expect(check()[2]).toMatchObject({
      outcome: 'warn',
      found: 'Ignore',
      expected: 'Fail',
      fix: [
        'kubectl patch mutatingwebhookconfiguration azure-wi-webhook-mutating-webhook-configuration ' +
          `--type strategic --patch '{"webhooks":[{"name":"${name}","failurePolicy":"Fail"}]}'`
      ]
    })
  })
})

describe('namespaceCheck', () => {
  const requirement = (key: string, operator: string, values?: string[]) =>
    change({ namespaceSelector: { matchExpressions: [{ key, operator, ...(values && { values }) }] } })

  it('accepts a selected namespace', () => {
    expect(namespaceCheck(evidenceOf(sandbox))).toMatchObject([{ outcome: 'ok' }])
  })

  it.each<[string, object, readonly [string, string, string[]?], string, string]>([
    [
      'the selector of AKS excludes it',
      { 'control-plane': 'true' },
      ['control-plane', 'NotIn', ['true', 'yes']],
      'control-plane: "true"',
      'kubectl label namespace default control-plane-'
    ],
    [
      'the namespace has another value',
      { team: 'other' },
      ['team', 'In', ['shop', 'till']],
      'team: "other"',
      'kubectl label namespace default --overwrite team=shop'
    ],
    [
      'the namespace lacks a label with a value',
      {},
      ['team', 'In', ['shop']],
      'no label team',
      'kubectl label namespace default --overwrite team=shop'
    ],
    [
      'the namespace lacks a label',
      {},
      ['team', 'Exists'],
      'no label team',
      'kubectl label namespace default --overwrite team=true'
    ],
    [
      'the namespace has an excluded label',
      { 'no-webhook': '' },
      ['no-webhook', 'DoesNotExist'],
      'no-webhook: ""',
      'kubectl label namespace default no-webhook-'
    ]
  ])('fails if %s', async (_what, labels, [key, operator, values], found, fix) => {
    await label(labels)
    await requirement(key, operator, values)
    expect(namespaceCheck(evidenceOf(sandbox))).toMatchObject([
      { check: 'webhook-namespace', outcome: 'fail', found, fix: [fix] }
    ])
  })

  it.each<[object, readonly [string, string, string[]?]]>([
    [{}, ['control-plane', 'NotIn', ['true']]],
    [{ 'control-plane': 'false' }, ['control-plane', 'NotIn', ['true']]],
    [{ team: 'till' }, ['team', 'In', ['shop', 'till']]],
    [{ team: '' }, ['team', 'Exists']],
    [{}, ['team', 'DoesNotExist']]
  ])('accepts %j for %j', async (labels, [key, operator, values]) => {
    await label(labels)
    await requirement(key, operator, values)
    expect(namespaceCheck(evidenceOf(sandbox))).toMatchObject([{ outcome: 'ok' }])
  })

  it('fails for a missing label', async () => {
    await change({ namespaceSelector: { matchLabels: { team: 'shop' }, matchExpressions: [] } })
    expect(namespaceCheck(evidenceOf(sandbox))).toMatchObject([
      { outcome: 'fail', expected: 'team: "shop"', fix: ['kubectl label namespace default --overwrite team=shop'] }
    ])
  })

  it('recreates the pods that were created without a token', async () => {
    await label({ 'control-plane': 'true' })
    await post(
      sandbox,
      `${apps}/deployments`,
      workload('Deployment', {
        template: template({ 'azure.workload.identity/use': 'true' }, { serviceAccountName: 'app' })
      })
    )
    expect(namespaceCheck(evidenceOf(sandbox))[0]?.fix).toEqual([
      'kubectl label namespace default control-plane-',
      'kubectl rollout restart deployment/app --namespace default'
    ])
  })

  it('has no fix for a namespace that is excluded by name, and for kube-system', async () => {
    const { cluster, account } = evidenceOf(sandbox)
    const system = namespaceCheck({ cluster, account: { ...account, namespace: 'kube-system' } })
    await requirement('kubernetes.io/metadata.name', 'NotIn', ['default'])
    for (const [finding] of [system, namespaceCheck(evidenceOf(sandbox))]) {
      expect(finding).toMatchObject({ outcome: 'fail', details: [expect.stringContaining('another namespace')] })
      expect(finding).not.toHaveProperty('fix')
    }
  })

  it.each<[Partial<ClusterEvidence>, string]>([
    [{ webhook: { value: null } }, 'because the webhook is not there'],
    [{ webhook: { unread: 'no right' } }, 'the webhook could not be looked at: no right'],
    [{ namespaces: { unread: 'no right' } }, 'the namespaces could not be looked at: no right'],
    [{ namespaces: { value: new Map() } }, 'the namespace default was not found']
  ])('is skipped with %j', (more, message) => {
    expect(namespaceCheck(withCluster(evidenceOf(sandbox), more))).toMatchObject([{ outcome: 'skipped', message }])
  })
})
