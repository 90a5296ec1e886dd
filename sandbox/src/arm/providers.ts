import type { JsonObject } from '../json.js'
import { gatewayError } from './errors.js'
import { type ArmRoute, path } from './gateway.js'
import { versionsOf, type ResourceType } from './api-versions.js'
import { json, listing } from './responses.js'

/** The resource types of the sandbox, by namespace. */
const types: Readonly<Record<string, Readonly<Record<string, ResourceType>>>> = {
  'Microsoft.Authorization': { roleAssignments: 'roleAssignments', roleDefinitions: 'roleDefinitions' },
  'Microsoft.ContainerService': { managedClusters: 'managedClusters' },
  'Microsoft.ManagedIdentity': {
    userAssignedIdentities: 'userAssignedIdentities',
    'userAssignedIdentities/federatedIdentityCredentials': 'federatedIdentityCredentials'
  },
  'Microsoft.ResourceGraph': { resources: 'resourceGraph' },
  'Microsoft.Resources': { subscriptions: 'subscriptions', resourceGroups: 'resourceGroups' }
}

/** Reports whether the sandbox has the resource provider. */
export function hasProvider(namespace: string): boolean {
  return Object.keys(types).some(known => known.toLowerCase() === namespace.toLowerCase())
}

/** Routes of the resource providers of a subscription: list and read. Generic clients look up API versions there, such as `az resource show`. */
export function providerRoutes(): ArmRoute[] {
  return [
    {
      method: 'GET',
      type: 'resources',
      pattern: path('subscriptions/(?<subscription>[^/]+)/providers'),
      handler: ({ request, parameters: { subscription = '' } }) =>
        listing(
          request,
          Object.keys(types).map(namespace => providerJson(subscription, namespace))
        )
    },
    {
      method: 'GET',
      type: 'resources',
      pattern: path('subscriptions/(?<subscription>[^/]+)/providers/(?<namespace>[^/]+)'),
      handler: ({ parameters: { subscription = '', namespace = '' } }) => {
        const known = Object.keys(types).find(name => name.toLowerCase() === namespace.toLowerCase())
        if (known === undefined) {
          throw gatewayError(
            404,
            'InvalidResourceNamespace',
            `The resource namespace '${namespace}' is invalid: the sandbox does not have it.`
          )
        }
        return json(200, providerJson(subscription, known))
      }
    }
  ]
}

function providerJson(subscription: string, namespace: string): JsonObject {
  return {
    id: `/subscriptions/${subscription}/providers/${namespace}`,
    namespace,
    resourceTypes: Object.entries(types[namespace] ?? {}).map(([resourceType, type]) => ({
      resourceType,
      locations: ['West Europe', 'North Europe', 'East US'],
      apiVersions: [...versionsOf(type)],
      capabilities: 'None'
    })),
    registrationState: 'Registered',
    registrationPolicy: 'RegistrationRequired'
  }
}
