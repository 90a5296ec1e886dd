import type { KubernetesObject } from './cluster.js'
import { isJsonObject, type JsonObject } from '../json.js'

/** What discovery says of the subresource. */
export const scaleVersion = { group: 'autoscaling', version: 'v1', kind: 'Scale' }

/** How many of them there are and should be (Scale v1 autoscaling), the subresource that `kubectl scale` writes. */
export function scaleOf({ metadata, spec, status }: KubernetesObject): JsonObject {
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = metadata
  const { replicas = 1, selector } = isJsonObject(spec) ? spec : {}
  const labels =
    isJsonObject(selector) && isJsonObject(selector.matchLabels) ? Object.entries(selector.matchLabels) : []
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas },
    status: {
      replicas: isJsonObject(status) ? (status.replicas ?? 0) : 0,
      selector: labels.map(([key, value]) => `${key}=${typeof value === 'string' ? value : ''}`).join(',')
    }
  }
}

/** The object with the number that a scale asks for. */
export function scaled(object: KubernetesObject, scale: JsonObject): JsonObject {
  const spec = isJsonObject(object.spec) ? object.spec : {}
  return { ...object, spec: { ...spec, replicas: isJsonObject(scale.spec) ? (scale.spec.replicas ?? 0) : 0 } }
}
