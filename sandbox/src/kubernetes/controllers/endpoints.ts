import { type Json, type JsonObject, listAt, objectAt, textAt } from '../../json.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import { endpoints, endpointSlices } from '../kinds/core-kinds.js'
import { isReady, nodeName } from './kubelet.js'
import { createOrUpdate, ownerReferenceTo } from './owned-objects.js'

/** Writes the Endpoints and the EndpointSlice of each service that has a selector. */
export function reconcileEndpoints(state: State): void {
  for (const service of state.cluster.services.values()) {
    const selector = Object.entries(objectAt(service.spec, 'selector'))
    if (selector.length === 0) continue
    const { namespace = '' } = service.metadata
    const selected = [...state.cluster.pods.values()].filter(
      ({ metadata, status }) =>
        metadata.namespace === namespace &&
        textAt(status, 'podIP') !== '' &&
        selector.every(([key, value]) => metadata.labels?.[key] === value)
    )
    writeEndpoints(state, service, selected)
  }
}

function writeEndpoints(state: State, service: KubernetesObject, pods: readonly KubernetesObject[]): void {
  const { name, namespace = '', labels = {} } = service.metadata
  const ports = listAt(service.spec, 'ports').map(({ name: portName = '', targetPort = 0, protocol = 'TCP' }) => ({
    name: portName,
    port: targetPort,
    protocol
  }))
  const addresses = (isPodReady: boolean): Json[] =>
    pods
      .filter(pod => isReady(pod) === isPodReady)
      .map(pod => ({
        ip: textAt(pod.status, 'podIP'),
        nodeName,
        targetRef: referenceTo(pod)
      }))
  const [ready, notReady] = [addresses(true), addresses(false)]
  const subset = {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ports
  }
  // In a real cluster their controller deletes them. Here garbage collection does, because the service owns them.
  const ownerReferences = [ownerReferenceTo(service)]
  createOrUpdate(state, endpoints, {
    metadata: { name, namespace, labels, ownerReferences },
    subsets: pods.length === 0 ? [] : [subset]
  })
  createOrUpdate(state, endpointSlices, {
    metadata: {
      name: `${name}-slice`,
      namespace,
      ownerReferences,
      labels: {
        ...labels,
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io'
      }
    },
    addressType: 'IPv4',
    ports,
    endpoints: pods.map(pod => ({
      addresses: [textAt(pod.status, 'podIP')],
      nodeName,
      targetRef: referenceTo(pod),
      conditions: { ready: isReady(pod), serving: isReady(pod), terminating: false }
    }))
  })
}

function referenceTo({ metadata: { name, namespace = '', uid } }: KubernetesObject): JsonObject {
  return { kind: 'Pod', namespace, name, uid }
}
