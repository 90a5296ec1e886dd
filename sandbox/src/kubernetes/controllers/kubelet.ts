import { wholeSeconds } from '../../dates.js'
import { type JsonObject, listAt, objectAt, textAt } from '../../json.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import { pods } from '../kinds/workload-kinds.js'
import { writeStatus } from '../storage/store.js'

/** The only node of the cluster. Its name has the format that AKS uses for the first node pool. */
export const nodeName = 'aks-nodepool1-00000000-vmss000000'

/** Schedules and starts new pods, as the scheduler and the kubelet do. A started pod is ready at once. */
export function startPods(state: State): void {
  for (const pod of state.cluster.pods.values()) {
    if (pod.status === undefined)
      writeStatus(state, pods, { ...pod, spec: { nodeName, ...objectAt(pod.spec) } }, runningStatus(state, pod))
  }
}

function runningStatus(state: State, pod: KubernetesObject): JsonObject {
  const at = wholeSeconds(state.now())
  const condition = (type: string): JsonObject => ({
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: at
  })
  const statuses = (list: string, state: JsonObject): JsonObject[] =>
    listAt(pod.spec, list).map(container => ({
      name: textAt(container, 'name'),
      image: textAt(container, 'image'),
      imageID: '',
      ready: true,
      restartCount: 0,
      started: state.running !== undefined,
      state
    }))
  const initContainerStatuses = statuses('initContainers', {
    terminated: { exitCode: 0, reason: 'Completed', startedAt: at, finishedAt: at }
  })
  const podIP = ipAddressOf(pod)
  return {
    phase: 'Running',
    startTime: at,
    hostIP: '10.224.0.4',
    podIP,
    podIPs: [{ ip: podIP }],
    qosClass: 'BestEffort',
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
    containerStatuses: statuses('containers', { running: { startedAt: at } }),
    ...(initContainerStatuses.length === 0 ? {} : { initContainerStatuses })
  }
}

/** Derives an address in the pod network from the UID of the pod. */
function ipAddressOf({ metadata }: KubernetesObject): string {
  const bytes = Buffer.from(metadata.uid)
  return `10.244.${(bytes[0] ?? 0) % 256}.${bytes.reduce((sum, byte) => (sum * 31 + byte) % 253, 7) + 1}`
}

/** Reports whether the pod's condition `Ready` is true. */
export function isReady({ status }: KubernetesObject): boolean {
  return listAt(status, 'conditions').some(condition => condition.type === 'Ready' && condition.status === 'True')
}
