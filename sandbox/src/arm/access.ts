import type { State } from '../state.js'
import { isWithin } from './ids.js'

/** Reports whether the caller may do an action at a scope. The caller may do everything that `state.denied` does not list. */
export function isActionAllowed(state: State, action: string, scope: string): boolean {
  return ![...state.denied].some(denied => {
    const [pattern = '', deniedScope = '/'] = denied.split(' ')
    return pattern.includes('/') && matches(pattern, action) && isWithin(scope, deniedScope)
  })
}

/** Reports whether the caller may read objects of a type at a scope, such as `Microsoft.Compute/virtualMachines`. */
export function isReadable(state: State, type: string, scope: string): boolean {
  return !state.denied.has('arm reads') && isActionAllowed(state, `${type}/read`, scope)
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action)
}
