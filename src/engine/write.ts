import { AzwiError, InterruptedError } from '../errors.js'
import { predecessors } from './order.js'
import { once } from '../async.js'
import type { AnyPhase, Change, DeletePlan, FactName, Facts, Given, Verb } from './phase.js'
import type { Hooks, Step } from './flow.js'

/** What has become known of the facts: planned where they are there already, made as phases are applied. */
export type Known = { -readonly [Name in FactName]?: Facts[Name] | undefined }

/** Applies the plans, each as soon as those that it waits for are done. Resolves to the distinct failures, in the order in which they happened. */
export async function applyAll(
  verb: Verb,
  steps: readonly Step[],
  known: Known,
  { emit, interruption }: Hooks
): Promise<readonly unknown[]> {
  const failures: Failure[] = []
  const fail = (failure: Failure): void => {
    if (!failures.some(sameCause(failure))) failures.push(failure)
  }
  const failed = (phase: AnyPhase, error: unknown): void => {
    const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error]
    for (const each of errors) {
      fail({ phase: phase.name, error: each })
      emit({ type: 'failed', phase: phase.name, error: each })
    }
  }
  const gone = new Set<AnyPhase>()
  const reporter =
    (phase: AnyPhase) =>
    (change: Change): void => {
      if (phase.provides === 'identity' && change.action === 'delete') gone.add(phase)
      emit({ type: 'changed', phase: phase.name, change })
    }
  const running = steps.map(({ phase }) => phase)
  const starts = new Map<AnyPhase, () => Promise<boolean>>()
  const run = async ({ phase, plan }: Step): Promise<boolean> => {
    const before = predecessors(phase, running, verb)
    const done = await Promise.all(before.map(async each => (await starts.get(each)?.()) ?? false))
    if (interruption.aborted && failures.length === 0)
      fail({ phase: phase.name, error: new InterruptedError(interruption) })
    const waitedFor = before.filter((_, index) => done[index] === false)
    const cause = failures.find(failure => waitedFor.some(({ name }) => name === failure.phase)) ?? failures[0]
    if (cause !== undefined) {
      emit({ type: 'not-started', phase: phase.name, because: becauseOf(cause) })
      return false
    }
    try {
      const fact = await plan.apply(reporter(phase), given(known))
      if (phase.provides !== undefined) known[phase.provides] = fact as Facts[FactName]
      return true
    } catch (error) {
      failed(phase, error)
      return false
    }
  }
  for (const step of steps)
    starts.set(
      step.phase,
      once(() => run(step))
    )
  await Promise.all([...starts.values()].map(start => start()))
  if (gone.size > 0 && failures.length === 0) {
    await Promise.all(
      steps.map(async ({ phase, plan }) => {
        await (plan as Partial<DeletePlan>).sweep?.(reporter(phase)).catch((error: unknown) => {
          failed(phase, error)
        })
      })
    )
  }
  return failures.map(({ error }) => error)
}

function given(known: Known): Given<FactName> {
  return {
    get identity() {
      if (known.identity === undefined)
        throw new AzwiError('Bug', 'the identity was neither made nor asked for while planning')
      return known.identity
    }
  }
}

/** What a phase has failed of. */
export interface Failure {
  readonly phase: string
  readonly error: unknown
}

/** Phases that ask the same thing get the same refusal: it is told once. */
export const sameCause =
  ({ error }: Failure) =>
  (other: Failure): boolean =>
    other.error === error ||
    (other.error instanceof AzwiError && error instanceof AzwiError && other.error.message === error.message)

/** Why another phase was not started. */
export const becauseOf = ({ phase, error }: Failure): string =>
  error instanceof InterruptedError ? error.message : `${phase} failed`
