import { AzwiError, InterruptedError, UsageError } from '../errors.js'
import type { Settings } from '../config/settings.js'
import { applyAll, becauseOf, type Failure, type Known, sameCause } from './write.js'
import type { Context } from './context.js'
import { providerOf } from './order.js'
import { refuseContradictions } from '../identities/choice.js'
import { once } from '../async.js'
import type { AnyPhase, AnyPlan, Change, DeletePlan, FactName, Facts, Planned, Provider, Verb } from './phase.js'

/** What the runner tells while it works. */
export type Event =
  | { readonly type: 'skipped'; readonly phase: string; readonly reason: string | undefined }
  | { readonly type: 'planned'; readonly phase: string; readonly change: Change }
  | { readonly type: 'changed'; readonly phase: string; readonly change: Change }
  | { readonly type: 'failed'; readonly phase: string; readonly error: unknown }
  | { readonly type: 'not-started'; readonly phase: string; readonly because: string }

export interface Flow {
  readonly verb: Verb
  /** Every phase that there is: one that does not run may still be asked for what it provides. */
  readonly phases: readonly AnyPhase[]
  readonly skip: readonly AnyPhase[]
  /** The one phase of `phase <name>`: it was asked for, so it does not step aside. */
  readonly only?: AnyPhase
  /** Plan, tell, and write nothing. */
  readonly dryRun: boolean
  /** Facts that another flow has settled; undefined where it would make them. */
  readonly given?: Known
}

export interface FlowResult {
  /** The distinct failures, in the order in which they happened; none means done. */
  readonly failures: readonly unknown[]
  /** What was found or made; in a dry run, only found. */
  readonly facts: Known
}

export interface Hooks {
  /** Checks, without a request, that the phases can log in to what they use. */
  readonly prepare: (phases: readonly AnyPhase[]) => Promise<void>
  /** Hears all that is about to be done, and may have it called off by throwing. */
  readonly confirm: (changes: readonly Change[]) => Promise<void>
  readonly emit: (event: Event) => void
  readonly interruption: AbortSignal
}

export interface Step {
  readonly phase: AnyPhase
  readonly plan: AnyPlan | DeletePlan
}

/**
 * Runs a flow: all flags are looked at before anything is asked, all is planned before anything is written. Phases run side by side as far
 * as their needs allow. After a failure nothing new starts, what runs is awaited, and every failure is told.
 *
 * Throws a UsageError, before any request, for flags that cannot be meant, and whatever the hooks throw.
 */
export async function runFlow(wholeFlow: Flow, context: Context, hooks: Hooks): Promise<FlowResult> {
  const { emit } = hooks
  const flow = applicable(wholeFlow, context)
  const { running, skipped } = chosen(flow, context)
  await hooks.prepare(running)
  skipped.forEach(emit)
  const known: Known = { ...flow.given }
  const planned = await Promise.allSettled(planAll(flow, running, context, known))
  const failed: Failure[] = []
  const steps: Step[] = []
  running.forEach((phase, index) => {
    const result = planned[index]
    if (result?.status === 'fulfilled') steps.push({ phase, plan: result.value })
    else failed.push({ phase: phase.name, error: result?.reason })
  })
  if (failed.length > 0) return { failures: tellOnce(failed, running, emit), facts: known }
  for (const { phase, plan } of steps)
    if (phase.provides !== undefined) known[phase.provides] = 'fact' in plan ? plan.fact : undefined
  if (flow.dryRun) {
    for (const { phase, plan } of steps)
      plan.changes.forEach(change => {
        emit({ type: 'planned', phase: phase.name, change })
      })
    return { failures: [], facts: known }
  }
  await hooks.confirm(steps.flatMap(({ plan }) => plan.changes))
  return { failures: await applyAll(flow.verb, steps, known, hooks), facts: known }
}

/** Where planning failed: each cause is told by the first phase that met it, and of the others why they were not started. Returns the causes. */
function tellOnce(failed: readonly Failure[], running: readonly AnyPhase[], emit: Hooks['emit']): unknown[] {
  const causes = failed.filter((failure, index) => failed.findIndex(sameCause(failure)) === index)
  for (const { name: phase } of running) {
    const own = failed.find(failure => failure.phase === phase)
    const cause = causes.find(own === undefined ? () => true : sameCause(own))
    if (cause === undefined) continue
    const itself = cause === own && !(cause.error instanceof InterruptedError)
    emit(itself ? { type: 'failed', ...cause } : { type: 'not-started', phase, because: becauseOf(cause) })
  }
  return causes.map(({ error }) => error)
}

/** The flow without the phases that have no part in it with these flags: of the two kinds of identity, the other one. */
function applicable(flow: Flow, { settings }: Context): Flow {
  refuseContradictions(settings)
  if (flow.only?.applies?.(settings) === false) {
    const { name } = flow.only
    throw new UsageError(
      `the phase ${name} has no part in this: the flags speak of another kind of identity`,
      `see: azwi serviceaccount ${flow.verb} phase ${name} --help`
    )
  }
  return { ...flow, phases: flow.phases.filter(phase => phase.applies?.(settings) !== false) }
}

function chosen(flow: Flow, { settings }: Context): { running: AnyPhase[]; skipped: Event[] } {
  const { verb, phases, skip, only } = flow
  if (only !== undefined) {
    validateProviders([only], flow, settings)
    const reason = only.validate(settings, verb)
    if (reason !== undefined)
      throw new UsageError(
        `there is nothing to do for the phase ${only.name}: ${reason}`,
        `see: azwi serviceaccount ${verb} phase ${only.name} --help`
      )
    return { running: [only], skipped: [] }
  }
  const reasons = new Map(
    phases.filter(phase => !skip.includes(phase)).map(phase => [phase, phase.validate(settings, verb)] as const)
  )
  const running = phases.filter(phase => reasons.has(phase) && reasons.get(phase) === undefined)
  validateProviders(running, flow, settings)
  const skipped = phases
    .filter(phase => !running.includes(phase))
    .map(phase => ({ type: 'skipped' as const, phase: phase.name, reason: reasons.get(phase) }))
  return { running, skipped }
}

/** A fact that is only read is found by the same flags as one that is made: they must be there. */
function validateProviders(running: readonly AnyPhase[], { phases, verb, given = {} }: Flow, settings: Settings): void {
  const needed = running.flatMap(phase => (phase.standsAlone?.(settings, verb) === true ? [] : phase.needs))
  for (const fact of new Set(needed)) if (!(fact in given)) providerOf(fact, phases)?.validate(settings, verb)
}

function planAll(
  { verb, phases, given = {} }: Flow,
  running: readonly AnyPhase[],
  context: Context,
  known: Known
): Promise<AnyPlan | DeletePlan>[] {
  const creations = new Map<AnyPhase, () => Promise<AnyPlan>>()
  const find = (fact: FactName) =>
    once(async () => {
      if (fact in given) return given[fact]
      const provider = verb === 'create' ? providerOf(fact, running) : undefined
      const value =
        provider === undefined
          ? await elsewhere(fact, phases, context, verb)
          : (await creations.get(provider)?.())?.fact
      known[fact] = value
      return value
    })
  const facts: Planned<FactName> = { identity: find('identity') }
  if (verb === 'delete') return running.map(phase => phase.delete(context, facts))
  for (const phase of running)
    creations.set(
      phase,
      once(() => phase.create(context, facts))
    )
  return [...creations.values()].map(create => create())
}

/** A fact that no running phase makes: in the create flow it must be there when it is used, in the delete flow it may be gone. */
async function elsewhere(
  fact: FactName,
  phases: readonly AnyPhase[],
  context: Context,
  verb: Verb
): Promise<Facts[FactName] | undefined> {
  const provider: Provider<Facts[FactName]> | undefined = providerOf(fact, phases)?.provide?.(context)
  if (provider === undefined) throw new AzwiError('Bug', `no phase provides the ${fact}`)
  return verb === 'create' ? provider.refer() : provider.find()
}
