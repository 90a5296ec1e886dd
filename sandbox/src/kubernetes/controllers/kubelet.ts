import type { KubernetesObject } from '../cluster.js'
import { type JsonObject, listAt, numberAt, textAt } from '../../json.js'
import { wholeSeconds } from '../../dates.js'
import type { State } from '../../state.js'
import type { Column } from '../kinds/object-kind.js'

/** The one node of the cluster, named as AKS names those of its first pool. */
export const nodeName = 'aks-nodepool1-00000000-vmss000000'

/** The status of a pod that runs and is ready, as it is within seconds where nothing is wrong with it. */
export function runningStatus(state: State, pod: KubernetesObject): JsonObject {
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
  const podIP = address(pod)
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

/** An address in the network of the pods that follows from the pod's uid. */
function address({ metadata }: KubernetesObject): string {
  const bytes = Buffer.from(metadata.uid)
  return `10.244.${(bytes[0] ?? 0) % 256}.${bytes.reduce((sum, byte) => (sum * 31 + byte) % 253, 7) + 1}`
}

/** True where the pod's condition says so. */
export function isReady({ status }: KubernetesObject): boolean {
  return listAt(status, 'conditions').some(({ type, status: holds }) => type === 'Ready' && holds === 'True')
}

/** The columns that kubectl prints for a pod. */
export const podColumns: readonly Column[] = [
  {
    name: 'Ready',
    type: 'string',
    cell: ({ spec, status }) => {
      const ready = listAt(status, 'containerStatuses').filter(container => container.ready === true).length
      return `${ready}/${listAt(spec, 'containers').length}`
    }
  },
  {
    name: 'Status',
    type: 'string',
    cell: pod => listAt(pod.status, 'containerStatuses').map(waitingReason).find(Boolean) ?? textAt(pod.status, 'phase')
  },
  {
    name: 'Restarts',
    type: 'string',
    cell: ({ status }) =>
      listAt(status, 'containerStatuses').reduce(
        (sum, container) => sum + (numberAt(container, 'restartCount') ?? 0),
        0
      )
  }
]

function waitingReason(container: JsonObject): string {
  return textAt(container, 'state', 'waiting', 'reason')
}
