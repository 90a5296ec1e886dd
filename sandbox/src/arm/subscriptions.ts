import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { isActionAllowed } from './access.js'
import { findSubscription } from './find-subscription.js'
import { type ArmRoute, path } from './gateway.js'
import type { Subscription } from './resources.js'
import { json, listing } from './responses.js'

/**
 * Routes of subscriptions. The list never fails for lack of a permission: it contains those that the caller may read,
 * and is empty for a caller without any role. Whether it contains deleted subscriptions, and for how long, is unknown;
 * here it does, because a client must expect that.
 */
export function subscriptionRoutes(state: State): ArmRoute[] {
  return [
    {
      method: 'GET',
      type: 'subscriptions',
      pattern: path('subscriptions'),
      checksPermission: true,
      handler: ({ request }) =>
        listing(
          request,
          [...state.subscriptions.values()]
            .filter(({ id }) =>
              isActionAllowed(state, 'Microsoft.Resources/subscriptions/read', `/subscriptions/${id}`)
            )
            .map(subscription => subscriptionJson(state, subscription))
        )
    },
    {
      method: 'GET',
      type: 'subscriptions',
      pattern: path('subscriptions/(?<subscription>[^/]+)'),
      handler: ({ parameters }) => json(200, subscriptionJson(state, findSubscription(state, parameters)))
    }
  ]
}

function subscriptionJson({ tenantId }: State, { id, displayName, state }: Subscription): JsonObject {
  return {
    id: `/subscriptions/${id}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId: id,
    tenantId,
    displayName,
    state,
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off'
    }
  }
}
