import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Host } from '../../src/main.js'

/** The real milliseconds of one second on the clock of azwi. */
export const millisecondsPerSecond = 50
export const scaled = (milliseconds: number): number => (milliseconds * millisecondsPerSecond) / 1000

export interface ScaledClock extends Pick<Host, 'now' | 'sleep' | 'schedule'> {
  /** Returns the longest sleep in milliseconds, on the clock of azwi. */
  readonly longestWait: () => number
}

/** Creates a clock that runs twenty times as fast. Sleeps reject when `dead` is aborted. */
export function scaledClock(dead: AbortSignal): ScaledClock {
  const start = performance.now()
  let longest = 0
  return {
    now: () => ((performance.now() - start) * 1000) / millisecondsPerSecond,
    sleep: async (milliseconds, signal) => {
      longest = Math.max(longest, milliseconds)
      await sleepFor(scaled(milliseconds), undefined, {
        signal: signal === undefined ? dead : AbortSignal.any([dead, signal])
      })
    },
    schedule: (milliseconds, action) => {
      const timer = setTimeout(action, scaled(milliseconds))
      return () => {
        clearTimeout(timer)
      }
    },
    longestWait: () => longest
  }
}
