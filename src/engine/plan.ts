import { once } from '../async.js'
import { createOrderedLogs } from '../terminal/ordered-logs.js'
import type { Settings } from '../config/settings.js'
import { UsageError } from '../errors.js'
import { refuseContradictions } from '../identities/choice.js'
import type { Identity } from '../identities/identity.js'
import type { Context } from '../context.js'
import type { Event, Flow } from './flow.js'
import { identityPhase, takesPart } from './order.js'
import { asUnknown } from '../ownership/unknown.js'
import {
  type Change,
  type ConnectionPhase,
  type DeletePlan,
  type Emit,
  type FindIdentity,
  type IdentityPlan,
  type Phase,
  providesIdentity,
  type Verb
} from './phase.js'
import type { Failure } from './failure.js'

/** A phase with its plan. */
export interface Step {
  readonly phase: Phase
  readonly changes: readonly Change[]
  /** Writes. Resolves to the identity if the phase provides it. */
  readonly apply: (
    emit: Emit,
    identity: () => Promise<Identity>,
    isIdentityDeleted: boolean
  ) => Promise<Identity | undefined>
  readonly sweep?: DeletePlan['sweep']
}

/** The plans of a flow. */
export interface FlowPlan {
  readonly steps: readonly Step[]
  /** What kept phases from planning. Nothing may be written if there is any. */
  readonly failures: readonly Failure[]
  /** The identity as the plans know it. Undefined: it does not exist yet, or is gone. */
  readonly findIdentity: FindIdentity
}

/**
 * Decides from the flags which phases run, and which are skipped and why.
 *
 * Throws a UsageError, before any request, if flags contradict each other, if a flag is missing, or if the only phase has nothing to do.
 */
export function choosePhases(flow: Flow, settings: Settings): { running: Phase[]; skipped: Event[] } {
  const { verb, skip, only } = flow
  refuseContradictions(settings)
  if (only !== undefined) {
    refuseIdle(only, verb, settings)
    return { running: [only], skipped: [] }
  }
  const phases = flow.phases.filter(phase => takesPart(phase, settings, verb))
  const reasons = new Map(
    phases.filter(phase => !skip.includes(phase)).map(phase => [phase, phase.validate(settings, verb)] as const)
  )
  const running = phases.filter(phase => reasons.has(phase) && reasons.get(phase) === undefined)
  validateIdentityFlags(running, flow, settings)
  const skipped = phases
    .filter(phase => !running.includes(phase))
    .map(phase => ({ type: 'skipped' as const, phase: phase.name, reason: reasons.get(phase) }))
  return { running, skipped }

  function refuseIdle(phase: Phase, verb: Verb, settings: Settings): void {
    const hint = `see: azwi serviceaccount ${verb} phase ${phase.name} --help`
    if (!takesPart(phase, settings, verb))
      throw new UsageError(
        `the phase ${phase.name} has no part in this: the flags speak of another kind of identity`,
        hint
      )
    validateIdentityFlags([phase], flow, settings)
    const reason = phase.validate(settings, verb)
    if (reason !== undefined)
      throw new UsageError(`there is nothing to do for the phase ${phase.name}: ${reason}`, hint)
  }
}

/** The flags must name the identity even if its own phase does not run. */
function validateIdentityFlags(running: readonly Phase[], { phases, verb, given }: Flow, settings: Settings): void {
  if (given !== undefined || !running.some(phase => needsIdentity(phase, settings, verb))) return
  identityPhase(phases, settings).validate(settings, verb)
}

/** Reports whether a phase uses the identity of the flow. */
export function needsIdentity(phase: Phase, settings: Settings, verb: Verb): phase is ConnectionPhase {
  return !providesIdentity(phase) && phase.worksWithoutIdentity?.(settings, verb) !== true
}

/**
 * Plans all phases at the same time. Only reads. Never rejects: a phase that cannot plan is a failure of the result. Log lines and failures are in the
 * order of the phases, whichever phase ends first.
 */
export async function planPhases(flow: Flow, running: readonly Phase[], context: Context): Promise<FlowPlan> {
  const { verb, phases, given } = flow
  const provider = () => identityPhase(phases, context.settings)
  const { logs, finish } = createOrderedLogs(context.log, running.length)
  const contextWithLog = (index: number): Context => ({ ...context, log: logs[index] ?? context.log })
  const creation = once(() => provider().create(contextWithLog(running.indexOf(provider()))))
  const findIdentity = once(async () => {
    if (given !== undefined) return given.identity
    if (verb === 'delete') return undefined
    return running.includes(provider()) ? (await creation()).identity : provider().refer(context)
  })
  const deletedParts = new Set(running.flatMap(phase => phase.provides ?? phase.part ?? []))
  const contextOf = (index: number): Context => ({
    ...contextWithLog(index),
    ...(verb === 'delete' && { deletedParts })
  })
  const planned = await Promise.allSettled(
    running.map((phase, index) =>
      planPhase(phase, verb, contextOf(index), creation, findIdentity).finally(() => {
        finish(index)
      })
    )
  )
  const steps: Step[] = []
  const failures: Failure[] = []
  planned.forEach((result, index) => {
    if (result.status === 'fulfilled') steps.push(result.value)
    else {
      const error: unknown = verb === 'delete' ? asUnknown(result.reason) : result.reason
      failures.push({ phase: running[index]?.name ?? '', error })
    }
  })
  return { steps, failures, findIdentity }
}

async function planPhase(
  phase: Phase,
  verb: Verb,
  context: Context,
  creation: () => Promise<IdentityPlan>,
  findIdentity: FindIdentity
): Promise<Step> {
  if (verb === 'delete') {
    const plan = await phase.delete(context)
    const apply: Step['apply'] = (emit, _identity, isIdentityDeleted) =>
      plan.apply(emit, isIdentityDeleted).then(() => undefined)
    return { phase, changes: plan.changes, apply, ...(plan.sweep === undefined ? {} : { sweep: plan.sweep }) }
  }
  if (providesIdentity(phase)) {
    const plan = await creation()
    return { phase, changes: plan.changes, apply: plan.apply }
  }
  const plan = await phase.create(context, findIdentity)
  return {
    phase,
    changes: plan.changes,
    apply: async (emit, identity) => {
      await plan.apply(emit, await identity())
      return undefined
    }
  }
}
