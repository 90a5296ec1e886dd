import type { Context } from '../context.js'
import { InterruptedError } from '../errors.js'
import type { Identity } from '../identities/identity.js'
import { type Failure, reasonFrom, sameCause } from './failure.js'
import type { Flow, FlowResult, Hooks } from './flow.js'
import type { Change, Phase } from './phase.js'
import { choosePhases, planPhases } from './plan.js'
import { applySteps, type WriteResult } from './write.js'

/** A flow whose phases are planned. Nothing has been written yet. */
export interface PlannedFlow {
  readonly changes: readonly Change[]
  /** What kept the phases from planning. If there is any, `write` must not be called. */
  readonly failures: readonly unknown[]
  /** Emits the changes as planned. */
  readonly report: () => void
  /** Resolves to the identity that a create found, with all that its plan has read. Undefined: it does not exist yet. */
  readonly found: () => Promise<Identity | undefined>
  /** Writes the changes. Never rejects. */
  readonly write: () => Promise<WriteResult>
}

/**
 * Checks all flags before any request, and plans all phases. Only reads.
 *
 * Throws a UsageError, before any request, for invalid flags, and whatever `prepare` throws. All other failures are part of the result.
 */
export async function planFlow(flow: Flow, context: Context, hooks: Omit<Hooks, 'confirm'>): Promise<PlannedFlow> {
  const { emit } = hooks
  const { running, skipped } = choosePhases(flow, context.settings)
  await hooks.prepare(running)
  skipped.forEach(emit)
  const planned = planPhases(flow, running, context)
  const [{ steps, failures: failedPlans, findIdentity }, refusal] = await Promise.all([
    planned,
    reasonOf(hooks.verify?.(running, planned))
  ])
  // A refused run is the cause of what its phases could not find.
  const failures = refusal === undefined ? failedPlans : running.map(phase => ({ phase: phase.name, error: refusal }))
  const providesIdentity = flow.verb === 'create' && running.some(({ provides }) => provides !== undefined)
  return {
    changes: failures.length > 0 ? [] : steps.flatMap(step => step.changes),
    failures: failures.length > 0 ? reportPlanFailures(failures, running, emit) : [],
    report: () => {
      for (const { phase, changes } of steps)
        changes.forEach(change => {
          emit({ type: 'planned', phase: phase.name, change })
        })
    },
    found: async () => (providesIdentity ? findIdentity() : undefined),
    write: () => applySteps(flow.verb, steps, findIdentity, hooks)
  }
}

/**
 * Runs a flow: checks all flags before any request, and plans all phases before any write. Phases run at the same time as far as their
 * order allows.
 *
 * Throws a UsageError, before any request, for invalid flags, and whatever the hooks throw. All other failures are part of the result.
 */
export async function runFlow(flow: Flow, context: Context, hooks: Hooks): Promise<FlowResult> {
  const plan = await planFlow(flow, context, hooks)
  if (plan.failures.length > 0) return { failures: plan.failures, identity: undefined, found: undefined }
  const found = await plan.found()
  if (flow.dryRun) {
    plan.report()
    return { failures: [], identity: found, found }
  }
  await hooks.confirm(plan.changes)
  return { ...(await plan.write()), found }
}

/** Resolves to what the work rejects with, or to undefined. */
async function reasonOf(work: Promise<void> | undefined): Promise<unknown> {
  return work?.then(
    () => undefined,
    (error: unknown) => error
  )
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
