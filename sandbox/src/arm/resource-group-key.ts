import type { State } from '../state.js'

/** Returns the key of a resource group in the state. Groups of the operator's subscription have their name as the key. */
export function resourceGroupKey(state: State, subscriptionId: string, name: string): string {
  const isOperators = subscriptionId.toLowerCase() === state.subscriptionId.toLowerCase()
  return `${isOperators ? '' : `${subscriptionId}/`}${name}`.toLowerCase()
}
