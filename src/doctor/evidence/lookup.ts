import type { DeniedReads } from '../../connections/denied-reads.js'
import { AzwiError } from '../../errors.js'
import type { Lookup } from './model.js'

/** What a look-up finds, or why it may not be read. What is no refusal is an error: there somebody counts on the answer. */
export async function seen<T>(refusals: DeniedReads, what: string, lookUp: () => Promise<T>): Promise<Lookup<T>> {
  const found = await refusals.allow(what, async () => ({ value: await lookUp() }))
  return found ?? { unread: `${what} may not be read: ${refusals.unread.get(what) ?? ''}` }
}

/** What a look-up finds, or why it fails, whatever the reason: for what is only looked at to say more. */
export async function attemptAny<T>(what: string, lookUp: () => Promise<T>): Promise<Lookup<T>> {
  try {
    return { value: await lookUp() }
  } catch (error) {
    if (error instanceof AzwiError) return { unread: `${what} could not be looked at: ${error.message}` }
    throw error
  }
}

/** The same look at what was seen. */
export const mapLookup = <T, U>(look: Lookup<T>, map: (value: T) => U): Lookup<U> =>
  'value' in look ? { value: map(look.value) } : look
