import { type LaggingKind, laggingKinds } from './format.js'
import type { FaultPlan } from './plan.js'
import { draw } from './seeded-random.js'

/** What Entra remembers of exchanges that found no credential. */
export interface FailedExchanges {
  /** The failure, while it is remembered: the credential may be there by now, and is not looked for. */
  recall: (exchange: string) => Error | undefined
  remember: (exchange: string, failure: Error) => void
}

/** Remembers a failure for so long from when it happened; being asked again does not make it longer. */
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

/** How far the news of what was written has got. What nobody reported as written is known everywhere. */
export interface Replication {
  /** An object was made; for `exchange`, made or changed. */
  written: (kind: LaggingKind, id: string) => void
  /** Whether reads, and whatever refers to the object, see it yet. */
  isVisible: (kind: LaggingKind, id: string) => boolean
}

/** Keeps every object of a kind back for the lag of that kind. */
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
      // Below the indexes of rules, so that no rule has the luck of a lag.
      const jitter = Math.round(delay.jitter * draw(seed, -2 - laggingKinds.indexOf(kind), number))
      visibleFrom.set(key(kind, id), now().getTime() + delay.milliseconds + jitter)
    },
    isVisible: (kind, id) => (visibleFrom.get(key(kind, id)) ?? 0) <= now().getTime()
  }
}
