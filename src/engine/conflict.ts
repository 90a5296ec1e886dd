import type { Context } from '../context.js'
import { AzwiError } from '../errors.js'

/** Milliseconds. */
const conflictPause = 500

/**
 * Writes what was decided from a service account, and returns the result. After a conflict, decides again from what is there then: somebody changed
 * the service account after it was read, or azwi's own write succeeded and its answer was lost.
 */
export async function decideUntilWritten<Decision, Result>(
  { retryBudget }: Context,
  first: Decision,
  decideAgain: () => Promise<Decision>,
  write: (decision: Decision) => Promise<Result>
): Promise<Result> {
  for (let decision = first; ; decision = await decideAgain()) {
    try {
      return await write(decision)
    } catch (error) {
      if (!(error instanceof AzwiError) || error.code !== 'Conflict') throw error
      await retryBudget.wait(conflictPause, 'the service account was changed meanwhile')
    }
  }
}
