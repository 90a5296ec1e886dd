import { UsageError } from '../errors.js'
import { refuseContradictions } from './identity-choice.js'
import type { Context } from './context.js'
import { predecessors, providerOf } from './graph.js'
import { once } from './once.js'
import type { AnyPhase, AnyPlan, Change, DeletePlan, FactName, Facts, Given, Planned, Provider, Verb } from './phase.js'

/** What the runner tells while it works. */
export type Event =
  | { readonly type: 'skipped'; readonly phase: string; readonly reason: string | undefined }
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
}

interface Step {
  readonly phase: AnyPhase
  readonly plan: AnyPlan | DeletePlan
}

/**
 * Runs a flow: all flags are looked at before anything is asked, all is planned before anything is written. Phases run side by side as far
 * as their needs allow. After a failure nothing new starts, what runs is awaited, and every failure is told.
 *
 * Resolves to the distinct failures, in the order in which they happened; none means done. Throws a UsageError, before any request, for
 * flags that cannot be meant, and whatever `prepare` throws for a login that is not there.
 */
export async function runFlow(
  wholeFlow: Flow, context: Context, prepare: (phases: readonly AnyPhase[]) => Promise<void>, emit: (event: Event) => void
): Promise<unknown[]> {
  const flow = applicable(wholeFlow, context)
  const running = chosen(flow, context, emit)
  await prepare(running)
  const known: Known = {}
  const planned = await Promise.allSettled(planAll(flow, running, context, known))
  const failures = new Set<unknown>()
  planned.forEach((result, index) => {
    if (result.status === 'fulfilled' || failures.has(result.reason)) return
    failures.add(result.reason)
    emit({ type: 'failed', phase: running[index]?.name ?? '', error: result.reason })
  })
  if (failures.size > 0) return [...failures]
  const steps = planned.flatMap((result, index) => {
    const phase = running[index]
    return result.status === 'fulfilled' && phase !== undefined ? [{ phase, plan: result.value }] : []
  })
  return applyAll(flow.verb, steps, known, emit)
}

/** The flow without the phases that have no part in it with these flags: of the two kinds of identity, the other one. */
function applicable(flow: Flow, { settings }: Context): Flow {
  refuseContradictions(settings)
  if (flow.only?.applies?.(settings) === false) {
    throw new UsageError(`the phase ${flow.only.name} has no part in this: the flags speak of another kind of identity`, `see: azwi serviceaccount ${flow.verb} phase --help`)
  }
  return { ...flow, phases: flow.phases.filter(phase => phase.applies?.(settings) !== false) }
}

function chosen({ verb, phases, skip, only }: Flow, { settings }: Context, emit: (event: Event) => void): AnyPhase[] {
  if (only !== undefined) {
    const reason = only.validate(settings, verb)
    if (reason !== undefined) throw new UsageError(`there is nothing to do for the phase ${only.name}: ${reason}`)
    return [only]
  }
  const reasons = phases.map(phase => skip.includes(phase) ? { why: undefined } : { why: phase.validate(settings, verb), mayRun: true })
  return phases.filter((phase, index) => {
    const reason = reasons[index]
    if (reason?.mayRun === true && reason.why === undefined) return true
    emit({ type: 'skipped', phase: phase.name, reason: reason?.why })
    return false
  })
}

/** What has become known of the facts: planned where they are there already, made as phases are applied. */
type Known = { -readonly [Name in FactName]?: Facts[Name] | undefined }

function planAll({ verb, phases }: Flow, running: readonly AnyPhase[], context: Context, known: Known): Promise<AnyPlan | DeletePlan>[] {
  const creations = new Map<AnyPhase, () => Promise<AnyPlan>>()
  const find = (fact: FactName) => once(async () => {
    const provider = verb === 'create' ? providerOf(fact, running) : undefined
    const elsewhere = () => providing(fact, phases, context)
    const value = provider !== undefined ? (await creations.get(provider)?.())?.fact : verb === 'create' ? elsewhere().refer() : await elsewhere().find()
    known[fact] = value
    return value
  })
  const facts: Planned<FactName> = { identity: find('identity') }
  if (verb === 'delete') return running.map(phase => phase.delete(context, facts))
  for (const phase of running) creations.set(phase, once(() => phase.create(context, facts)))
  return [...creations.values()].map(create => create())
}

function providing(fact: FactName, phases: readonly AnyPhase[], context: Context): Provider<Facts[FactName]> {
  const provider = providerOf(fact, phases)?.provide?.(context)
  if (provider === undefined) throw new Error(`no phase provides ${fact}`)
  return provider
}

async function applyAll(verb: Verb, steps: readonly Step[], known: Known, emit: (event: Event) => void): Promise<unknown[]> {
  const failures: unknown[] = []
  const running = steps.map(({ phase }) => phase)
  const apply = new Map<AnyPhase, () => Promise<boolean>>()
  for (const { phase, plan } of steps) {
    apply.set(phase, once(async () => {
      const before = predecessors(phase, running, verb)
      const done = await Promise.all(before.map(async each => await apply.get(each)?.() ?? false))
      const failed = before.find((_, index) => done[index] === false)
      if (failed !== undefined || failures.length > 0) {
        emit({ type: 'not-started', phase: phase.name, because: failed?.name ?? 'another phase' })
        return false
      }
      try {
        const report = (change: Change): void => { emit({ type: 'changed', phase: phase.name, change }) }
        const fact = await plan.apply(report, given(known))
        if (phase.provides !== undefined) known[phase.provides] = fact as Facts[FactName]
        return true
      } catch (error) {
        failures.push(error)
        emit({ type: 'failed', phase: phase.name, error })
        return false
      }
    }))
  }
  await Promise.all([...apply.values()].map(start => start()))
  return failures
}

function given(known: Known): Given<FactName> {
  return {
    get identity() {
      if (known.identity === undefined) throw new Error('the identity was neither made nor asked for while planning')
      return known.identity
    }
  }
}
