import { describe, expect } from 'vitest'
import { removeWorkloadIdentityWebhook } from '../../sandbox/src/kubernetes/workload-identity-webhook.js'
import type { ManagedIdentity } from '../../sandbox/src/arm/resources.js'
import { account, namespace } from './healthy.js'
import { proveWorlds } from './prove.js'

const configuration = 'azure-wi-webhook-mutating-webhook-configuration'
const manager = 'deployment/azure-wi-webhook-controller-manager'

describe('a cluster in which the webhook does not do its work', () => {
  proveWorlds(
    [
      {
        name: 'there is none',
        pods: [],
        first: { check: 'webhook-present' },
        break: ({ state }) => {
          state.managedClusters.clear()
          removeWorkloadIdentityWebhook(state)
        }
      },
      {
        name: 'nothing stands behind it',
        pods: [],
        first: { check: 'webhook-endpoints' },
        break: ({ line }) => line(`kubectl scale ${manager} --namespace kube-system --replicas 0`)
      },
      {
        name: 'nothing stands behind it, and new pods are due',
        pods: ['no new pod'],
        first: { check: 'webhook-endpoints' },
        break: async ({ line, newPods }) => {
          await line(`kubectl scale ${manager} --namespace kube-system --replicas 0`)
          await newPods()
        }
      },
      {
        name: 'it may fail unseen',
        pods: [],
        first: { check: 'webhook-failure-policy', outcome: 'warn' },
        break: ({ state }) => {
          const [webhook] = state.cluster.mutatingWebhookConfigurations.get(configuration)!.webhooks as {
            failurePolicy: string
          }[]
          webhook!.failurePolicy = 'Ignore'
        }
      },
      {
        name: 'the namespace is kept out',
        pods: [],
        first: { check: 'webhook-namespace' },
        break: ({ line }) => line(`kubectl label namespace ${namespace} --overwrite control-plane=true`)
      },
      {
        name: 'the namespace is kept out, and new pods were made',
        pods: ['no variables'],
        first: { check: 'webhook-namespace' },
        break: async ({ line, newPods }) => {
          await line(`kubectl label namespace ${namespace} --overwrite control-plane=true`)
          await newPods()
        }
      },
      {
        name: 'AKS has workload identity off',
        pods: [],
        first: { check: 'aks-workload-identity' },
        break: ({ state }) => {
          for (const cluster of state.managedClusters.values()) cluster.workloadIdentityEnabled = false
          removeWorkloadIdentityWebhook(state)
        }
      },
      {
        name: 'AKS keeps it out of kube-system',
        pods: [],
        first: { check: 'webhook-namespace', serviceAccount: `kube-system/${account}` },
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
        pods: [],
        first: { check: 'aks-oidc-issuer' },
        break: ({ state }) => {
          for (const cluster of state.managedClusters.values())
            Object.assign(cluster, { oidcIssuerEnabled: false, issuerUrl: undefined })
        }
      }
    ],
    ['managed identity']
  )
})
