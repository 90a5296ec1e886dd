import { type LaggingKind, laggingKinds } from './format.js'
import type { FaultPlan } from './plan.js'
import { draw } from './random.js'

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
