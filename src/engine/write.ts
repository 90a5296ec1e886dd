import { once } from '../async.js'
import { AzwiError, InterruptedError } from '../errors.js'
import type { Identity } from '../identities/identity.js'
import { type Failure, reasonFrom, sameCause } from './failure.js'
import type { Hooks } from './flow.js'
import { predecessors } from './order.js'
import type { Change, FindIdentity, Phase, Verb } from './phase.js'
import type { Step } from './plan.js'

export interface WriteResult {
  /** The distinct failures, in the order in which they happened. */
  readonly failures: readonly unknown[]
  /** The identity that was found or created, if a step provides it. */
  readonly identity: Identity | undefined
}

/**
 * Applies the steps. Each starts as soon as the steps that it waits for are done. After a failure no further step starts; steps that are
 * running are awaited. Never rejects.
 */
export async function applySteps(
  verb: Verb,
  steps: readonly Step[],
  findIdentity: FindIdentity,
  { emit, interruption }: Pick<Hooks, 'emit' | 'interruption'>
): Promise<WriteResult> {
  const failures: Failure[] = []
  let provided: Identity | undefined
  const deletedIdentities: Change[] = []

  const identity = async (): Promise<Identity> => {
    const known = provided ?? (await findIdentity())
    if (known === undefined) throw new AzwiError('Bug', 'no phase has provided the identity')
    return known
  }
  const record = (failure: Failure): void => {
    if (!failures.some(sameCause(failure))) failures.push(failure)
  }
  const fail = (phase: Phase, error: unknown): void => {
    for (const cause of error instanceof AggregateError ? (error.errors as unknown[]) : [error]) {
      record({ phase: phase.name, error: cause })
      emit({ type: 'failed', phase: phase.name, error: cause })
    }
  }
  const reporter =
    (phase: Phase) =>
    (change: Change): void => {
      if (change.kind.identity !== undefined && change.action === 'delete') deletedIdentities.push(change)
      emit({ type: 'changed', phase: phase.name, change })
    }

  const phases = steps.map(({ phase }) => phase)
  const starts = new Map<Phase, () => Promise<boolean>>()
  const run = async ({ phase, apply }: Step): Promise<boolean> => {
    const before = predecessors(phase, phases, verb)
    const succeeded = await Promise.all(before.map(async predecessor => (await starts.get(predecessor)?.()) ?? false))
    if (interruption.aborted && failures.length === 0)
      record({ phase: phase.name, error: new InterruptedError(interruption) })
    const failedBefore = before.filter((_, index) => succeeded[index] === false)
    const cause = failures.find(failure => failedBefore.some(({ name }) => name === failure.phase)) ?? failures[0]
    if (cause !== undefined) {
      emit({ type: 'not-started', phase: phase.name, because: reasonFrom(cause) })
      return false
    }
    try {
      provided = (await apply(reporter(phase), identity, deletedIdentities.length > 0)) ?? provided
      return true
    } catch (error) {
      fail(phase, error)
      return false
    }
  }
  for (const step of steps)
    starts.set(
      step.phase,
      once(() => run(step))
    )
  await Promise.all([...starts.values()].map(start => start()))

  // Even after a failure: what is assigned to a deleted identity cannot be found by a later run.
  if (deletedIdentities.length > 0) {
    await Promise.all(
      steps.map(async ({ phase, sweep }) => {
        await sweep?.(reporter(phase)).catch((error: unknown) => {
          fail(phase, error)
        })
      })
    )
  }
  return { failures: failures.map(({ error }) => error), identity: provided }
}
