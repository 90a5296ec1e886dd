import type { Service } from '../server/http.js'
import type { LaggingKind } from './format.js'

/** Faults after they were read: checked, and nothing left to be understood in two ways. */
export interface FaultPlan {
  readonly rules: readonly PlannedRule[]
  readonly lag: ReadonlyMap<LaggingKind, PlannedDelay>
  readonly negativeCacheMilliseconds: number
}

export interface PlannedRule {
  readonly match: PlannedMatch
  readonly action: PlannedAction
}

export interface PlannedMatch {
  readonly services: readonly Service['name'][] | undefined
  /** In upper case. */
  readonly methods: readonly string[] | undefined
  /** All of them must match the path. */
  readonly paths: readonly RegExp[]
  readonly ranges: readonly { readonly first: number; readonly last: number }[] | undefined
  readonly every: number | undefined
  readonly chance: number | undefined
}

export interface PlannedDelay {
  readonly milliseconds: number
  readonly jitter: number
}

export type PlannedAction =
  | { readonly kind: 'reset' | 'lost-answer' }
  | { readonly kind: 'latency' | 'stall'; readonly delay: PlannedDelay }
  | PlannedStatus
  | { readonly kind: 'throttle'; readonly perSecond: number; readonly burst: number }

export interface PlannedStatus {
  readonly kind: 'status'
  readonly status: number
  readonly code: string | undefined
  readonly message: string | undefined
  readonly retryAfter: { readonly seconds: number; readonly as: 'seconds' | 'date' } | undefined
  readonly afterWork: boolean
}

export const noFaults: FaultPlan = { rules: [], lag: new Map(), negativeCacheMilliseconds: 0 }
