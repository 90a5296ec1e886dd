import { type JsonObject, listAt, numberAt, objectAt, textAt } from '../../json.js'
import type { KubernetesObject } from '../cluster.js'
import { defineKind } from './object-kind.js'
import {
  configMapSchema,
  endpointSliceSchema,
  endpointsSchema,
  mutatingWebhookConfigurationSchema,
  namespaceSchema,
  serviceAccountSchema,
  serviceSchema
} from './object-schemas.js'

const formatPort = (port: JsonObject): string => `${numberAt(port, 'port') ?? 0}/${textAt(port, 'protocol')}`
const orNone = (text: string): string => (text === '' ? '<none>' : text)

/** ServiceAccount v1 core. */
export const serviceAccounts = defineKind('ServiceAccount', 'serviceAccounts', {
  shortNames: ['sa'],
  schema: serviceAccountSchema,
  columns: [
    { name: 'Secrets', type: 'string', cell: object => (Array.isArray(object.secrets) ? object.secrets.length : 0) }
  ]
})

/** Namespace v1 core. */
export const namespaces = defineKind('Namespace', 'namespaces', {
  shortNames: ['ns'],
  namespaced: false,
  nameFormat: 'label',
  schema: namespaceSchema,
  columns: [{ name: 'Status', type: 'string', cell: () => 'Active' }]
})

/** Service v1 core. */
export const services = defineKind('Service', 'services', {
  shortNames: ['svc'],
  schema: serviceSchema,
  hasStatus: true,
  setDefaults: setServiceDefaults,
  columns: [
    { name: 'Type', type: 'string', cell: ({ spec }) => textAt(spec, 'type') },
    { name: 'Cluster-IP', type: 'string', cell: ({ spec }) => textAt(spec, 'clusterIP') },
    { name: 'Port(s)', type: 'string', cell: ({ spec }) => listAt(spec, 'ports').map(formatPort).join(',') }
  ]
})

/** Sets the defaults of a service. The cluster IP is derived from the UID, so that it stays the same. */
function setServiceDefaults(service: KubernetesObject): void {
  const spec = objectAt(service.spec)
  const bytes = Buffer.from(service.metadata.uid.replaceAll('-', ''), 'hex')
  const clusterIP =
    textAt(spec, 'clusterIP') === '' ? `10.0.${bytes[0] ?? 0}.${bytes[1] ?? 0}` : textAt(spec, 'clusterIP')
  const ports = listAt(spec, 'ports').map(port => ({ protocol: 'TCP', targetPort: port.port ?? 0, ...port }))
  service.spec = { type: 'ClusterIP', sessionAffinity: 'None', ...spec, clusterIP, clusterIPs: [clusterIP], ports }
}

/** Endpoints v1 core. */
export const endpoints = defineKind('Endpoints', 'endpoints', {
  shortNames: ['ep'],
  schema: endpointsSchema,
  columns: [
    {
      name: 'Endpoints',
      type: 'string',
      cell: object =>
        orNone(
          listAt(object, 'subsets')
            .flatMap(subset => listAt(subset, 'addresses').map(address => textAt(address, 'ip')))
            .join(',')
        )
    }
  ]
})

/** EndpointSlice v1 discovery.k8s.io. */
export const endpointSlices = defineKind('EndpointSlice', 'endpointSlices', {
  group: 'discovery.k8s.io',
  schema: endpointSliceSchema,
  columns: [
    { name: 'AddressType', type: 'string', cell: object => textAt(object, 'addressType') },
    {
      name: 'Endpoints',
      type: 'string',
      cell: object =>
        orNone(
          listAt(object, 'endpoints')
            .map(({ addresses }) =>
              Array.isArray(addresses) ? addresses.map(address => textAt(address)).join(',') : ''
            )
            .join(',')
        )
    }
  ]
})

/** ConfigMap v1 core. */
export const configMaps = defineKind('ConfigMap', 'configMaps', {
  shortNames: ['cm'],
  schema: configMapSchema,
  columns: [
    {
      name: 'Data',
      type: 'string',
      cell: ({ data = {}, binaryData = {} }) => Object.keys({ ...objectAt(data), ...objectAt(binaryData) }).length
    }
  ]
})

/** MutatingWebhookConfiguration v1 admissionregistration.k8s.io. */
export const mutatingWebhookConfigurations = defineKind(
  'MutatingWebhookConfiguration',
  'mutatingWebhookConfigurations',
  {
    group: 'admissionregistration.k8s.io',
    namespaced: false,
    schema: mutatingWebhookConfigurationSchema,
    columns: [{ name: 'Webhooks', type: 'integer', cell: object => listAt(object, 'webhooks').length }]
  }
)
