import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Host } from '../../src/main.js'

/** A second of the tool's clock takes so many milliseconds of ours. */
export const millisecondsPerSecond = 50
export const scaled = (milliseconds: number): number => (milliseconds * millisecondsPerSecond) / 1000

export interface ScaledClock extends Pick<Host, 'now' | 'sleep' | 'schedule'> {
  /** The longest that was slept, on the tool's clock. */
  readonly longestWait: () => number
}

/** A host's clock on which everything takes a twentieth of its time. A wait ends in a failure when `dead` is aborted. */
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
