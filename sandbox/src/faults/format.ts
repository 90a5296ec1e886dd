import type { Service } from '../server/http.js'

/** The content of a file of faults (docs/sandbox.md). */
export interface Faults {
  /**
   * Every request is compared with all rules, in this order. Latencies add up. Of all other actions, the first matching
   * one is done.
   */
  readonly rules?: readonly FaultRule[]
  /** For each kind of object: how long a new one stays invisible. */
  readonly lag?: Readonly<Partial<Record<LaggingKind, Delay>>>
  /** How long Entra remembers that an exchange found no credential, in milliseconds. */
  readonly negativeCache?: number
}

/** An action, and the requests that it applies to. */
export interface FaultRule {
  /** Default: all requests. */
  readonly match?: FaultMatch
  readonly action: FaultAction
}

/**
 * The requests of a rule. A request must match all given properties. `nth`, `every` and `chance` count only requests
 * that match the others.
 */
export interface FaultMatch {
  readonly service?: Service['name'] | readonly Service['name'][]
  readonly method?: string | readonly string[]
  /** The whole decoded path, case-insensitive. `*` matches anything except a slash, `**` matches anything. */
  readonly path?: string
  /** A regular expression that matches a part of the decoded path, case-insensitive. */
  readonly pathRegExp?: string
  /** The first request is 1. */
  readonly nth?: Nth | readonly Nth[]
  /** Every k-th request. */
  readonly every?: number
  /** The probability of a match, from 0 to 1. The seed decides. */
  readonly chance?: number
}

/** A number, or a range such as `"2-4"` or `"3-"`. */
export type Nth = number | string

/** Milliseconds. With `jitter`, up to that many more. */
export type Delay = number | { readonly ms: number; readonly jitter?: number }

/** What a rule does with a request. */
export type FaultAction =
  /** Cuts the connection before the work. */
  | 'reset'
  /** Does the work, then cuts the connection. */
  | 'lost-answer'
  /** Waits, then does the work. */
  | { readonly latency: Delay }
  /** Does the work, then delays the response. */
  | { readonly stall: Delay }
  /** Responds with an error in the format of the service. */
  | StatusAction
  /** Responds as if a proxy, a captive portal or a broken gateway had answered. */
  | MisleadingAction
  /**
   * Allows `throttle` requests per second and answers 429 with `Retry-After` to the others. `burst` is the maximum at
   * once; default: those of one second.
   */
  | { readonly throttle: number; readonly burst?: number }

/** Responds with an error. */
export interface StatusAction {
  /** From 400 to 599. */
  readonly status: number
  /** Replaces the error code that the service usually has for the status. */
  readonly code?: string
  /** Replaces the message that the service usually has for the status. */
  readonly message?: string
  /** `Retry-After` in seconds, or as a date that is `date` seconds in the future. */
  readonly retryAfter?: number | { readonly date: number }
  /** Whether the service does the work first, as if a gateway timed out. */
  readonly afterWork?: boolean
}

/** The kinds of answers that look like a success, and are not what the service answers. */
export const misleadingKinds = [
  'html',
  'empty',
  'null',
  'object',
  'foreign',
  'no-content',
  'redirect',
  'truncated',
  'next-link'
] as const

/** One of `misleadingKinds`. */
export type MisleadingKind = (typeof misleadingKinds)[number]

/** Responds with something else than the answer of the service. */
export interface MisleadingAction {
  readonly misleading: MisleadingKind
  /** Whether the service does the work first. For `truncated` and `next-link` it always does. */
  readonly afterWork?: boolean
  /** The URL of `redirect` and `next-link`. Default: a host that does not exist. */
  readonly link?: string
}

/**
 * The kinds of objects that can lag. `exchange` stands for a new or changed federated identity credential that Entra
 * does not know yet, `resourceGraph` for Resource Graph's knowledge of a new or deleted managed identity.
 */
export const laggingKinds = [
  'application',
  'servicePrincipal',
  'federatedIdentityCredential',
  'exchange',
  'managedIdentity',
  'roleDefinition',
  'roleAssignment',
  'resourceGraph'
] as const

/** One of `laggingKinds`. */
export type LaggingKind = (typeof laggingKinds)[number]
