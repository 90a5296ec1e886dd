import { describe, expect } from 'vitest'
import { removeWorkloadIdentityWebhook } from '../../sandbox/src/kubernetes/workload-identity-webhook.js'
import type { ManagedIdentity } from '../../sandbox/src/arm/resources.js'
import { account, namespace } from './healthy.js'
import { testScenarios } from './test-scenarios.js'

const configuration = 'azure-wi-webhook-mutating-webhook-configuration'
const manager = 'deployment/azure-wi-webhook-controller-manager'

describe('a cluster in which the webhook does not do its work', () => {
  testScenarios(
    [
      {
        name: 'there is none',
        symptoms: [],
        firstFinding: { check: 'webhook-present' },
        break: ({ state }) => {
          state.managedClusters.clear()
          removeWorkloadIdentityWebhook(state)
        }
      },
      {
        name: 'nothing stands behind it',
        symptoms: [],
        firstFinding: { check: 'webhook-endpoints' },
        break: ({ runLine }) => runLine(`kubectl scale ${manager} --namespace kube-system --replicas 0`)
      },
      {
        name: 'nothing stands behind it, and new pods are due',
        symptoms: ['no new pod'],
        firstFinding: { check: 'webhook-endpoints' },
        break: async ({ runLine, restartPods }) => {
          await runLine(`kubectl scale ${manager} --namespace kube-system --replicas 0`)
          await restartPods()
        }
      },
      {
        name: 'it may fail unseen',
        symptoms: [],
        firstFinding: { check: 'webhook-failure-policy', outcome: 'warn' },
        break: ({ state }) => {
          const [webhook] = state.cluster.mutatingWebhookConfigurations.get(configuration)!.webhooks as {
            failurePolicy: string
          }[]
          webhook!.failurePolicy = 'Ignore'
        }
      },
      {
        name: 'the namespace is kept out',
        symptoms: [],
        firstFinding: { check: 'webhook-namespace' },
        break: ({ runLine }) => runLine(`kubectl label namespace ${namespace} --overwrite control-plane=true`)
      },
      {
        name: 'the namespace is kept out, and new pods were made',
        symptoms: ['no variables'],
        firstFinding: { check: 'webhook-namespace' },
        break: async ({ runLine, restartPods }) => {
          await runLine(`kubectl label namespace ${namespace} --overwrite control-plane=true`)
          await restartPods()
        }
      },
      {
        name: 'AKS has workload identity off',
        symptoms: [],
        firstFinding: { check: 'aks-workload-identity' },
        break: ({ state }) => {
          for (const cluster of state.managedClusters.values()) cluster.workloadIdentityEnabled = false
          removeWorkloadIdentityWebhook(state)
        }
      },
      {
        name: 'AKS keeps it out of kube-system',
        symptoms: [],
        firstFinding: { check: 'webhook-namespace', serviceAccount: `kube-system/${account}` },
        noFix: 'the labels of kube-system are given by AKS',
        target: ['--namespace', 'kube-system', account],
        break: async ({ run, state, identity }) => {
          const { status, stderr } = await run(
            'serviceaccount',
            'create',
            '--service-account-namespace',
            'kube-system',
            '--service-account-name',
            account,
            '--managed-identity-resource-id',
            (identity as ManagedIdentity).id
          )
          if (status !== 0) throw new Error(stderr)
          expect(state.cluster.serviceAccounts.has(`kube-system/${account}`)).toBe(true)
        }
      },
      {
        name: 'AKS has the issuer off',
        symptoms: [],
        firstFinding: { check: 'aks-oidc-issuer' },
        break: ({ state }) => {
          for (const cluster of state.managedClusters.values())
            Object.assign(cluster, { oidcIssuerEnabled: false, issuerUrl: undefined })
        }
      }
    ],
    ['managed identity']
  )
})
