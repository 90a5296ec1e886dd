import { AzwiError, InterruptedError } from '../errors.js'
import type { Host } from '../host.js'
import type { Log } from '../terminal/log.js'

/** The time that one command can spend on waits and requests. */
export interface RetryBudget {
  /**
   * Logs the reason and waits. Throws an AzwiError if the wait would exceed the budget, an InterruptedError if the user interrupts it, and
   * an AbortError as soon as the command has ended.
   */
  readonly wait: (milliseconds: number, reason: string) => Promise<void>
  /** Returns the milliseconds that remain. Negative once the budget is spent. */
  readonly remaining: () => number
}

/**
 * Creates the budget that `--timeout` sets. It starts now.
 *
 * @param ended aborted when the command has ended
 */
export function createRetryBudget(
  { now, sleep, interruption }: Pick<Host, 'now' | 'sleep' | 'interruption'>,
  log: Pick<Log, 'info'>,
  timeoutMilliseconds: number,
  ended: AbortSignal
): RetryBudget {
  const stopped = AbortSignal.any([interruption, ended])
  const end = now() + timeoutMilliseconds
  const remaining = (): number => end - now()
  return {
    remaining,
    wait: async (milliseconds, reason) => {
      ended.throwIfAborted()
      if (milliseconds >= remaining()) throw timeoutError(milliseconds, reason, remaining(), timeoutMilliseconds)
      log.info(`waiting ${seconds(milliseconds)}: ${reason}`)
      try {
        await sleep(milliseconds, stopped)
      } catch (error) {
        throw interruption.aborted ? new InterruptedError(interruption) : error
      }
    }
  }
}

function timeoutError(milliseconds: number, reason: string, remaining: number, timeout: number): AzwiError {
  const left = seconds(Math.max(0, remaining))
  return new AzwiError(
    'Timeout',
    `${reason}; the next try would be in ${seconds(milliseconds)}, and ${left} of --timeout ${seconds(timeout)} are left`,
    {
      hint: `run the same line again later, or with more time: --timeout ${Math.ceil((timeout + milliseconds) / 60_000) * 2}m`
    }
  )
}

const seconds = (milliseconds: number): string => `${Number((milliseconds / 1000).toFixed(1))}s`
