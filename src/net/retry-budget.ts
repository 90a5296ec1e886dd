import { AzwiError, InterruptedError } from '../errors.js'
import type { Host } from '../terminal/io.js'
import type { Log } from '../terminal/log.js'

/** How long the tool is willing to wait, for all of one command together. */
export interface RetryBudget {
  /** Waits, having said why. Throws where the wait cannot end in time, or where the user ends it. */
  readonly wait: (milliseconds: number, reason: string) => Promise<void>
  /** Milliseconds that are left. */
  readonly left: () => number
}

/** The bound of `--timeout`, counted from now. */
export function createRetryBudget(
  { now, sleep, interruption }: Pick<Host, 'now' | 'sleep' | 'interruption'>,
  log: Pick<Log, 'info'>,
  timeoutMilliseconds: number
): RetryBudget {
  const end = now() + timeoutMilliseconds
  const left = (): number => end - now()
  return {
    left,
    wait: async (milliseconds, reason) => {
      if (milliseconds >= left()) throw outOfTime(milliseconds, reason, left(), timeoutMilliseconds)
      log.info(`waiting ${seconds(milliseconds)}: ${reason}`)
      try {
        await sleep(milliseconds, interruption)
      } catch (error) {
        throw interruption.aborted ? new InterruptedError(interruption) : error
      }
    }
  }
}

function outOfTime(milliseconds: number, reason: string, left: number, timeout: number): AzwiError {
  const remaining = seconds(Math.max(0, left))
  return new AzwiError(
    'Timeout',
    `${reason}; the next try would be in ${seconds(milliseconds)}, and ${remaining} of --timeout ${seconds(timeout)} are left`,
    {
      hint: `run the same line again later, or with more time: --timeout ${Math.ceil((timeout + milliseconds) / 60_000) * 2}m`
    }
  )
}

const seconds = (milliseconds: number): string => `${Number((milliseconds / 1000).toFixed(1))}s`
