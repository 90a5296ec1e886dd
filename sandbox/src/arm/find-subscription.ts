import type { Parameters } from '../server/http.js'
import type { State } from '../state.js'
import { gatewayError } from './errors.js'
import type { Subscription } from './resources.js'

/** Returns the subscription that a path names. Throws a 404 if it does not exist. */
export function findSubscription(state: State, { subscription = '' }: Parameters): Subscription {
  const found = state.subscriptions.get(subscription.toLowerCase())
  if (found === undefined) throw subscriptionNotFound(subscription)
  return found
}

/** A 404 for a subscription that does not exist (recorded). */
export function subscriptionNotFound(id: string): Error {
  return gatewayError(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`)
}
