import type { Service } from '../server/http.js'
import type { LaggingKind, MisleadingKind } from './format.js'

/** Faults after validation, in a normalized form. */
export interface FaultPlan {
  readonly rules: readonly PlannedRule[]
  readonly lag: ReadonlyMap<LaggingKind, PlannedDelay>
  readonly negativeCacheMilliseconds: number
}

/** A rule of the plan. */
export interface PlannedRule {
  readonly match: PlannedMatch
  readonly action: PlannedAction
}

/** The requests of a rule. An undefined property matches all requests. */
export interface PlannedMatch {
  readonly services: readonly Service['name'][] | undefined
  /** In upper case. */
  readonly methods: readonly string[] | undefined
  /** All of them must match the decoded path. */
  readonly paths: readonly RegExp[]
  readonly ranges: readonly { readonly first: number; readonly last: number }[] | undefined
  readonly every: number | undefined
  readonly chance: number | undefined
}

/** A delay: `milliseconds`, plus up to `jitter` more. */
export interface PlannedDelay {
  readonly milliseconds: number
  readonly jitter: number
}

/** What a rule does with a request. */
export type PlannedAction =
  | { readonly kind: 'reset' | 'lost-answer' }
  | { readonly kind: 'latency' | 'stall'; readonly delay: PlannedDelay }
  | PlannedStatus
  | PlannedMisleading
  | { readonly kind: 'throttle'; readonly perSecond: number; readonly burst: number }

/** Responds with an error. Undefined means the usual code or message of the service. */
export interface PlannedStatus {
  readonly kind: 'status'
  readonly status: number
  readonly code: string | undefined
  readonly message: string | undefined
  readonly retryAfter: { readonly seconds: number; readonly as: 'seconds' | 'date' } | undefined
  readonly afterWork: boolean
}

/** Responds with something else than the answer of the service. */
export interface PlannedMisleading {
  readonly kind: 'misleading'
  readonly answer: MisleadingKind
  readonly afterWork: boolean
  readonly link: string
}

/** The plan of a sandbox without faults. */
export const noFaults: FaultPlan = { rules: [], lag: new Map(), negativeCacheMilliseconds: 0 }
