import type { KubernetesObject } from '../cluster.js'
import { listAt, objectAt, textAt } from '../../json.js'

/** Fills in what a service may leave out. Its address follows from its uid. */
export function completeService(service: KubernetesObject): void {
  const spec = objectAt(service.spec)
  const bytes = Buffer.from(service.metadata.uid.replaceAll('-', ''), 'hex')
  const clusterIP =
    textAt(spec, 'clusterIP') === '' ? `10.0.${bytes[0] ?? 0}.${bytes[1] ?? 0}` : textAt(spec, 'clusterIP')
  const ports = listAt(spec, 'ports').map(port => ({ protocol: 'TCP', targetPort: port.port ?? 0, ...port }))
  service.spec = { type: 'ClusterIP', sessionAffinity: 'None', ...spec, clusterIP, clusterIPs: [clusterIP], ports }
}
