import type { DeniedReads } from '../../connections/denied-reads.js'
import { AzwiError, InterruptedError } from '../../errors.js'
import type { LookupResult } from './model.js'

/**
 * Runs a lookup and returns its value, or the reason why the service denied it or answered 404. `name` says what is read, such as `pods`.
 *
 * @throws every other error of the lookup.
 */
export async function lookUpIfAllowed<T>(
  deniedReads: DeniedReads,
  name: string,
  lookUp: () => Promise<T>
): Promise<LookupResult<T>> {
  const result = await deniedReads.readOrReason(name, lookUp)
  return 'value' in result ? result : { unread: `${name} could not be read: ${result.reason}` }
}

/**
 * Runs a lookup and returns its value, or the reason why it failed. For lookups that the report can do without.
 *
 * @throws an error that is not an AzwiError, because it is a bug.
 */
export async function lookUpIfPossible<T>(name: string, lookUp: () => Promise<T>): Promise<LookupResult<T>> {
  try {
    return { value: await lookUp() }
  } catch (error) {
    if (error instanceof AzwiError) return { unread: `${name} could not be looked at: ${error.message}` }
    throw error
  }
}

/**
 * Runs a lookup and returns its value, or the reason why it failed. Records the reason if the login has no permission for it, as `lookUpIfAllowed` does.
 *
 * @throws InterruptedError, and an error that is not an AzwiError, because it is a bug.
 */
export async function lookUpOrSkip<T>(
  deniedReads: DeniedReads,
  name: string,
  lookUp: () => Promise<T>
): Promise<LookupResult<T>> {
  try {
    return await lookUpIfAllowed(deniedReads, name, lookUp)
  } catch (error) {
    if (!(error instanceof AzwiError) || error instanceof InterruptedError) throw error
    return { unread: `${name} could not be read: ${error.message}` }
  }
}

/** Applies a function to the value of a lookup, if there is one. */
export const mapResult = <T, U>(result: LookupResult<T>, map: (value: T) => U): LookupResult<U> =>
  'value' in result ? { value: map(result.value) } : result
