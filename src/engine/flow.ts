import { InterruptedError } from '../errors.js'
import type { Identity } from '../identities/identity.js'
import type { Context } from '../context.js'
import type { Change, Phase, Verb } from './phase.js'
import { choosePhases, planPhases } from './plan.js'
import { applySteps, type Failure, reasonFrom, sameCause } from './write.js'

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
}

export interface Hooks {
  /** Checks, without a request, that azwi can log in to the services of the phases. */
  readonly prepare: (phases: readonly Phase[]) => Promise<void>
  /** Receives all planned changes before anything is written. Throws to cancel. */
  readonly confirm: (changes: readonly Change[]) => Promise<void>
  readonly emit: (event: Event) => void
  readonly interruption: AbortSignal
}

/**
 * Runs a flow: checks all flags before any request, and plans all phases before any write. Phases run at the same time as far as their
 * order allows.
 *
 * Throws a UsageError, before any request, for invalid flags, and whatever the hooks throw. All other failures are part of the result.
 */
export async function runFlow(flow: Flow, context: Context, hooks: Hooks): Promise<FlowResult> {
  const { emit } = hooks
  const { running, skipped } = choosePhases(flow, context.settings)
  await hooks.prepare(running)
  skipped.forEach(emit)
  const { steps, failures, findIdentity } = await planPhases(flow, running, context)
  if (failures.length > 0) return { failures: reportPlanFailures(failures, running, emit), identity: undefined }
  const changes = steps.flatMap(step => step.changes)
  if (flow.dryRun) {
    for (const { phase, changes } of steps)
      changes.forEach(change => {
        emit({ type: 'planned', phase: phase.name, change })
      })
    const providesIdentity = running.some(({ provides }) => provides !== undefined)
    return { failures: [], identity: providesIdentity ? await findIdentity() : undefined }
  }
  await hooks.confirm(changes)
  return applySteps(flow.verb, steps, findIdentity, hooks)
}

/** Reports each cause once, by the first phase that met it, and the other phases as not started. Returns the causes. */
function reportPlanFailures(failed: readonly Failure[], running: readonly Phase[], emit: Hooks['emit']): unknown[] {
  const causes = failed.filter((failure, index) => failed.findIndex(sameCause(failure)) === index)
  for (const { name: phase } of running) {
    const failure = failed.find(candidate => candidate.phase === phase)
    const cause = causes.find(failure === undefined ? () => true : sameCause(failure))
    if (cause === undefined) continue
    const isReportedHere = cause === failure && !(cause.error instanceof InterruptedError)
    emit(isReportedHere ? { type: 'failed', ...cause } : { type: 'not-started', phase, because: reasonFrom(cause) })
  }
  return causes.map(({ error }) => error)
}
