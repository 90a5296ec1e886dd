import { describe } from 'vitest'
import { removeWorkloadIdentityWebhook } from '../../src/sandbox/kubernetes/workloads/workload-identity-webhook.js'
import { namespace } from './healthy.js'
import { proveWorlds } from './prove.js'

const configuration = 'azure-wi-webhook-mutating-webhook-configuration'
const manager = 'deployment/azure-wi-webhook-controller-manager'

describe('a cluster whose webhook does not do its work', () => {
  proveWorlds([
    {
      name: 'there is none', pods: [], first: { check: 'webhook-present' },
      break: ({ world }) => {
        world.managedClusters.clear()
        removeWorkloadIdentityWebhook(world)
      }
    },
    {
      name: 'nothing stands behind it', pods: [], first: { check: 'webhook-endpoints' },
      break: ({ line }) => line(`kubectl scale ${manager} --namespace kube-system --replicas 0`)
    },
    {
      name: 'nothing stands behind it, and new pods are due', pods: ['no new pod'], first: { check: 'webhook-endpoints' },
      break: async ({ line, newPods }) => {
        await line(`kubectl scale ${manager} --namespace kube-system --replicas 0`)
        await newPods()
      }
    },
    {
      name: 'it may fail unseen', pods: [], first: { check: 'webhook-failure-policy', outcome: 'warn' },
      break: ({ world }) => {
        const [webhook] = world.cluster.mutatingWebhookConfigurations.get(configuration)!.webhooks as { failurePolicy: string }[]
        webhook!.failurePolicy = 'Ignore'
      }
    },
    {
      name: 'the namespace is kept out', pods: [], first: { check: 'webhook-namespace' },
      break: ({ line }) => line(`kubectl label namespace ${namespace} --overwrite control-plane=true`)
    },
    {
      name: 'the namespace is kept out, and new pods were made', pods: ['no variables'], first: { check: 'webhook-namespace' },
      break: async ({ line, newPods }) => {
        await line(`kubectl label namespace ${namespace} --overwrite control-plane=true`)
        await newPods()
      }
    }
  ], ['managed identity'])
})

describe('an AKS cluster', () => {
  proveWorlds([
    {
      name: 'has workload identity off', pods: [], first: { check: 'aks-workload-identity' },
      break: ({ world }) => {
        for (const cluster of world.managedClusters.values()) cluster.workloadIdentityEnabled = false
        removeWorkloadIdentityWebhook(world)
      }
    },
    {
      name: 'has its issuer off', pods: [], first: { check: 'aks-oidc-issuer' },
      break: ({ world }) => {
        for (const cluster of world.managedClusters.values()) Object.assign(cluster, { oidcIssuerEnabled: false, issuerUrl: undefined })
      }
    }
  ], ['managed identity'])
})
