import type { Identity } from '../identities/identity.js'
import type { Change, Phase, Verb } from './phase.js'

/** What a flow reports while it runs. */
export type Event =
  | { readonly type: 'skipped'; readonly phase: string; readonly reason: string | undefined }
  | { readonly type: 'planned'; readonly phase: string; readonly change: Change }
  | { readonly type: 'changed'; readonly phase: string; readonly change: Change }
  | { readonly type: 'failed'; readonly phase: string; readonly error: unknown }
  | { readonly type: 'not-started'; readonly phase: string; readonly because: string }

export interface Flow {
  readonly verb: Verb
  /** All phases. An identity phase that does not run still says where the identity is. */
  readonly phases: readonly Phase[]
  readonly skip: readonly Phase[]
  /** The one phase of `phase <name>`. It fails, instead of being skipped, if it has nothing to do. */
  readonly only?: Phase
  /** Plans and reports, and writes nothing. */
  readonly dryRun: boolean
  /** The identity, if another flow has provided it. Undefined inside: a dry run of that flow would create it. */
  readonly given?: { readonly identity: Identity | undefined }
}

export interface FlowResult {
  /** The distinct failures, in the order in which they happened. Empty: all is done. */
  readonly failures: readonly unknown[]
  /** The identity that was found or created, if its phase ran. A dry run only finds. */
  readonly identity: Identity | undefined
  /** The identity that a create found, with all that its plan has read. Undefined: it did not exist, or another flow has provided it. */
  readonly found: Identity | undefined
}

export interface Hooks {
  /** Checks, without a request, that azwi can log in to the services of the phases. */
  readonly prepare: (phases: readonly Phase[]) => Promise<void>
  /**
   * Checks, with requests, that the run may go on. Runs at the same time as the plan; `planned` resolves when the plan is complete. Throws to cancel
   * before anything is written.
   */
  readonly verify?: (phases: readonly Phase[], planned: Promise<unknown>) => Promise<void>
  /** Receives all planned changes before anything is written. Throws to cancel. */
  readonly confirm: (changes: readonly Change[]) => Promise<void>
  readonly emit: (event: Event) => void
  readonly interruption: AbortSignal
}
