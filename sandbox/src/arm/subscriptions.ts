import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { json, listing } from './responses.js'
import { type ArmRoute, path } from './gateway.js'

/** Routes of the sandbox's only subscription. The gateway answers 404 for any other one. */
export function subscriptionRoutes(state: State): ArmRoute[] {
  return [
    {
      method: 'GET',
      type: 'subscriptions',
      pattern: path('subscriptions'),
      handler: ({ request }) => listing(request, [subscriptionJson(state)])
    },
    {
      method: 'GET',
      type: 'subscriptions',
      pattern: path('subscriptions/[^/]+'),
      handler: () => json(200, subscriptionJson(state))
    }
  ]
}

function subscriptionJson({ subscriptionId, tenantId }: State): JsonObject {
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
