import { describe, expect } from 'vitest'
import { removeWorkloadIdentityWebhook } from '../../sandbox/src/kubernetes/workload-identity-webhook.js'
import type { ManagedIdentity } from '../../sandbox/src/arm/resources.js'
import { account, namespace } from './healthy.js'
import { testScenarios } from './test-scenarios.js'

const configuration = 'azure-wi-webhook-mutating-webhook-configuration'
const manager = 'deployment/azure-wi-webhook-controller-manager'

describe('an unhealthy webhook', () => {
  testScenarios(
    [
      {
        name: 'it does not exist',
        symptoms: [],
        firstFinding: { check: 'webhook-present' },
        break: ({ state }) => {
          state.managedClusters.clear()
          removeWorkloadIdentityWebhook(state)
        }
      },
      {
        name: 'it has no endpoint',
        symptoms: [],
        firstFinding: { check: 'webhook-endpoints' },
        break: ({ runLine }) => runLine(`kubectl scale ${manager} --namespace kube-system --replicas 0`)
      },
      {
        name: 'it has no endpoint, and pods are recreated',
        symptoms: ['no new pod'],
        firstFinding: { check: 'webhook-endpoints' },
        break: async ({ runLine, restartPods }) => {
          await runLine(`kubectl scale ${manager} --namespace kube-system --replicas 0`)
          await restartPods()
        }
      },
      {
        name: 'its failure policy is Ignore',
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
        name: 'it excludes the namespace',
        symptoms: [],
        firstFinding: { check: 'webhook-namespace' },
        break: ({ runLine }) => runLine(`kubectl label namespace ${namespace} --overwrite control-plane=true`)
      },
      {
        name: 'it excludes the namespace, and pods are recreated',
        symptoms: ['no variables'],
        firstFinding: { check: 'webhook-namespace' },
        break: async ({ runLine, restartPods }) => {
          await runLine(`kubectl label namespace ${namespace} --overwrite control-plane=true`)
          await restartPods()
        }
      },
      {
        name: 'workload identity is off in AKS',
        symptoms: [],
        firstFinding: { check: 'aks-workload-identity' },
        break: ({ state }) => {
          for (const cluster of state.managedClusters.values()) cluster.workloadIdentityEnabled = false
          removeWorkloadIdentityWebhook(state)
        }
      },
      {
        name: 'AKS excludes kube-system from it',
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
        name: 'the OIDC issuer is off in AKS',
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
