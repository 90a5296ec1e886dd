import type { Service } from '../server/http.js'

/** What can go wrong in the sandbox, as it is written in a file of faults (docs/sandbox.md). */
export interface Faults {
  /** Every rule is asked for every request, in this order. Latencies add up; of everything else, the first that fits is done. */
  readonly rules?: readonly FaultRule[]
  /** For how long after it was written an object of the kind is not seen yet. */
  readonly lag?: Readonly<Partial<Record<LaggingKind, Delay>>>
  /** For how many milliseconds Entra remembers that an exchange found no credential. */
  readonly negativeCache?: number
}

export interface FaultRule {
  /** Which requests it is about; all of them, where nothing is said. */
  readonly match?: FaultMatch
  readonly action: FaultAction
}

/** Everything that is said must hold. `nth`, `every` and `chance` are about the requests that fit the rest. */
export interface FaultMatch {
  readonly service?: Service['name'] | readonly Service['name'][]
  readonly method?: string | readonly string[]
  /** `*` stands for anything but a slash, `**` for anything. Against the decoded path, without regard to case. */
  readonly path?: string
  /** The same as a regular expression, which may match anywhere in the path. */
  readonly pathRegExp?: string
  /** The first is 1: a number, or a range such as `"2-4"` or `"3-"`. */
  readonly nth?: Nth | readonly Nth[]
  /** Every k-th. */
  readonly every?: number
  /** Of a hundred requests about `chance × 100`, as the seed has it. */
  readonly chance?: number
}

export type Nth = number | string

/** Milliseconds, or with up to `jitter` more. */
export type Delay = number | { readonly ms: number; readonly jitter?: number }

export type FaultAction =
  /** The connection is cut before anything is done. */
  | 'reset'
  /** The connection is cut after the work is done. */
  | 'lost-answer'
  /** Waits before the work. */
  | { readonly latency: Delay }
  /** Does the work, and holds the answer back. */
  | { readonly stall: Delay }
  /** Answers an error in the service's own format. */
  | StatusAction
  /** Lets so many requests a second through, and answers 429 with `Retry-After` to the others. `burst`, at first: as many as a second's. */
  | { readonly throttle: number; readonly burst?: number }

export interface StatusAction {
  readonly status: number
  /** In place of what the service usually says. */
  readonly code?: string
  readonly message?: string
  /** `Retry-After` in seconds, or as the date that is so many seconds away. */
  readonly retryAfter?: number | { readonly date: number }
  /** Whether the work is done all the same, as behind a gateway that lost patience. */
  readonly afterWork?: boolean
}

/** The kinds of objects that may lag; `exchange` is Entra's own knowledge of a federated identity credential, new or changed. */
export const laggingKinds = [
  'application',
  'servicePrincipal',
  'federatedIdentityCredential',
  'exchange',
  'managedIdentity',
  'roleDefinition',
  'roleAssignment'
] as const

export type LaggingKind = (typeof laggingKinds)[number]
