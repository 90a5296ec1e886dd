import { type JsonObject, listAt, numberAt, objectAt, textAt } from '../../json.js'
import { defineKind } from './object-kind.js'
import {
  configMapSchema,
  endpointSliceSchema,
  endpointsSchema,
  mutatingWebhookConfigurationSchema,
  serviceSchema
} from './object-schemas.js'
import { completeService } from './service-rules.js'

const portOf = (port: JsonObject): string => `${numberAt(port, 'port') ?? 0}/${textAt(port, 'protocol')}`
const orNone = (text: string): string => (text === '' ? '<none>' : text)

export const services = defineKind('Service', 'services', {
  shortNames: ['svc'],
  schema: serviceSchema,
  hasStatus: true,
  complete: completeService,
  columns: [
    { name: 'Type', type: 'string', cell: ({ spec }) => textAt(spec, 'type') },
    { name: 'Cluster-IP', type: 'string', cell: ({ spec }) => textAt(spec, 'clusterIP') },
    { name: 'Port(s)', type: 'string', cell: ({ spec }) => listAt(spec, 'ports').map(portOf).join(',') }
  ]
})

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
