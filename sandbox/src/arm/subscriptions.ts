import type { JsonObject } from '../json.js'
import type { World } from '../world.js'
import { json, listing } from './answers.js'
import { type ArmRoute, path } from './route.js'

/** The one subscription of the sandbox. Another one is a 404 before anyone asks who calls. */
export function subscriptionRoutes(world: World): ArmRoute[] {
  return [
    {
      method: 'GET',
      type: 'subscriptions',
      pattern: path('subscriptions'),
      handler: ({ request }) => listing(request, [subscriptionJson(world)])
    },
    {
      method: 'GET',
      type: 'subscriptions',
      pattern: path('subscriptions/[^/]+'),
      handler: () => json(200, subscriptionJson(world))
    }
  ]
}

function subscriptionJson({ subscriptionId, tenantId }: World): JsonObject {
  return {
    id: `/subscriptions/${subscriptionId}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId,
    tenantId,
    displayName: 'azwi sandbox',
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off'
    }
  }
}
