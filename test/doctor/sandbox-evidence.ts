import type { V1MutatingWebhookConfiguration, V1Pod } from '@kubernetes/client-node'
import type { Evidence, ClusterEvidence, PodEvidence, ServiceAccountEvidence } from '../../src/doctor/evidence/model.js'
import type { Workload, WorkloadKind } from '../../src/doctor/evidence/workload.js'
import type { Collection, KubernetesObject } from '../../sandbox/src/kubernetes/cluster.js'
import { listAt } from '../../sandbox/src/json.js'
import type { Sandbox } from '../../sandbox/src/sandbox.js'

const kinds: readonly (readonly [Collection, WorkloadKind])[] = [
  ['deployments', 'deployment'],
  ['statefulSets', 'statefulset'],
  ['daemonSets', 'daemonset'],
  ['jobs', 'job'],
  ['cronJobs', 'cronjob']
]

/** Returns the evidence in a sandbox: its webhook, and one service account of `default` with all workloads and pods of the namespace. */
export function evidenceOf({ state }: Sandbox, name = 'app'): Evidence {
  const { cluster } = state
  const unread = { unread: 'not looked at' }
  const configuration = [...cluster.mutatingWebhookConfigurations.values()][0] as unknown as
    V1MutatingWebhookConfiguration | undefined
  const [endpoints] = [...cluster.endpoints.values()].filter(
    ({ metadata }) => metadata.name === 'azure-wi-webhook-webhook-service'
  )
  const readyEndpoints = listAt(endpoints, 'subsets').flatMap(subset => listAt(subset, 'addresses')).length
  const inDefault = (collection: Collection): KubernetesObject[] =>
    [...cluster[collection].values()].filter(({ metadata }) => metadata.namespace === 'default')
  return {
    cluster: {
      server: state.endpoints.kubernetes,
      issuer: unread,
      keys: unread,
      published: undefined,
      aks: { value: null },
      webhook: { value: configuration === undefined ? null : { configuration, readyEndpoints } },
      namespaces: {
        value: new Map([...cluster.namespaces].map(([key, { metadata }]) => [key, metadata.labels ?? {}]))
      },
      tenantId: state.tenantId,
      authorityHost: state.endpoints.entra
    },
    account: {
      namespace: 'default',
      name,
      account: cluster.serviceAccounts.get(`default/${name}`) ?? null,
      connection: undefined,
      tenantId: state.tenantId,
      audience: 'api://AzureADTokenExchange',
      principal: undefined,
      deletedApplication: undefined,
      trustingIdentity: undefined,
      subjects: undefined,
      workloads: {
        value: kinds.flatMap(([collection, kind]) =>
          inDefault(collection).map((object): Workload => ({
            kind,
            namespace: 'default',
            name: object.metadata.name,
            object: object as unknown as Workload['object']
          }))
        )
      },
      pods: {
        value: inDefault('pods').map(pod => ({
          pod: pod as unknown as V1Pod,
          owner: ownerOf(cluster.replicaSets, pod)
        }))
      },
      token: unread,
      exchange: unread,
      unread: new Map()
    }
  }
}

/** Returns the deployment for a pod of a replica set. */
function ownerOf(replicaSets: ReadonlyMap<string, KubernetesObject>, pod: KubernetesObject): PodEvidence['owner'] {
  const [owner] = listAt(pod.metadata, 'ownerReferences') as { kind: string; name: string }[]
  if (owner === undefined) return undefined
  const [of] = listAt(replicaSets.get(`default/${owner.name}`)?.metadata, 'ownerReferences') as {
    kind: string
    name: string
  }[]
  return owner.kind === 'ReplicaSet' ? of : owner
}

/** Returns the evidence with the given changes. */
export function withCluster({ cluster, account }: Evidence, change: Partial<ClusterEvidence>): Evidence {
  return { cluster: { ...cluster, ...change }, account }
}
export function withAccount({ cluster, account }: Evidence, change: Partial<ServiceAccountEvidence>): Evidence {
  return { cluster, account: { ...account, ...change } }
}
