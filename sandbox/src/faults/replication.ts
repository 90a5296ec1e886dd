import { type LaggingKind, laggingKinds } from './format.js'
import type { FaultPlan } from './plan.js'
import { draw } from './seeded-random.js'

/** Entra's memory of token exchanges that found no credential: the `negativeCache` fault. */
export interface FailedExchanges {
  /** Returns the remembered failure. Entra then fails again, even if the credential exists by now. */
  recall: (exchange: string) => Error | undefined
  /** Remembers a failure. */
  remember: (exchange: string, failure: Error) => void
}

/**
 * Creates a memory that keeps a failure for `milliseconds` after it happened. Recalling it does not extend the time.
 */
export function createFailedExchanges(milliseconds: number, now: () => Date): FailedExchanges {
  const failures = new Map<string, { readonly failure: Error; readonly until: number }>()
  return {
    recall: exchange => {
      const remembered = failures.get(exchange)
      return remembered !== undefined && now().getTime() < remembered.until ? remembered.failure : undefined
    },
    remember: (exchange, failure) => {
      if (milliseconds > 0) failures.set(exchange, { failure, until: now().getTime() + milliseconds })
    }
  }
}

/** Knows which new objects are not visible yet: the `lag` fault. */
export interface Replication {
  /** Records that an object was created (for the kind `exchange`: created or changed). */
  written: (kind: LaggingKind, id: string) => void
  /** Reports whether reads and references find the object. True for an object that was not recorded. */
  isVisible: (kind: LaggingKind, id: string) => boolean
}

/** Creates a replication that hides each new object for the lag of its kind. */
export function createReplication({ lag }: Pick<FaultPlan, 'lag'>, seed: number, now: () => Date): Replication {
  const visibleFrom = new Map<string, number>()
  const counts = new Map<LaggingKind, number>()
  const key = (kind: LaggingKind, id: string) => `${kind} ${id.toLowerCase()}`
  return {
    written: (kind, id) => {
      const delay = lag.get(kind)
      if (delay === undefined) return
      const number = (counts.get(kind) ?? 0) + 1
      counts.set(kind, number)
      // Negative, so that no kind shares the random numbers of a rule, whose index is never negative.
      const jitter = Math.round(delay.jitter * draw(seed, -2 - laggingKinds.indexOf(kind), number))
      visibleFrom.set(key(kind, id), now().getTime() + delay.milliseconds + jitter)
    },
    isVisible: (kind, id) => (visibleFrom.get(key(kind, id)) ?? 0) <= now().getTime()
  }
}
