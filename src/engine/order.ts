import { UsageError } from '../errors.js'
import type { AnyPhase, FactName, Verb } from './phase.js'

/** Finds phases by name or alias. Throws a UsageError that lists the valid ones. */
export function phasesNamed(names: readonly string[], phases: readonly AnyPhase[]): AnyPhase[] {
  return names.map(name => {
    const phase = phases.find(candidate => candidate.name === name || candidate.alias === name)
    if (phase !== undefined) return phase
    throw new UsageError(
      `there is no phase "${name}"`,
      `valid phases are ${phases.map(({ name, alias }) => `${name} (${alias})`).join(', ')}`
    )
  })
}

/** The phase among these that provides a fact. */
export function providerOf(fact: FactName, phases: readonly AnyPhase[]): AnyPhase | undefined {
  return phases.find(({ provides }) => provides === fact)
}

/**
 * What must be applied before a phase: in the create flow whoever provides what it needs; in the delete flow, the same graph backwards,
 * whoever needs what it provides.
 */
export function predecessors(phase: AnyPhase, among: readonly AnyPhase[], verb: Verb): AnyPhase[] {
  return among.filter(other => {
    const [first, then] = verb === 'create' ? [other, phase] : [phase, other]
    return first.provides !== undefined && then.needs.includes(first.provides)
  })
}

/** The phases in the order in which the flow goes through them, as far as it is one: for help texts. */
export function inOrder(phases: readonly AnyPhase[], verb: Verb): AnyPhase[] {
  const ordered: AnyPhase[] = []
  const visit = (phase: AnyPhase): void => {
    if (ordered.includes(phase)) return
    predecessors(phase, phases, verb).forEach(visit)
    ordered.push(phase)
  }
  const start = verb === 'create' ? phases : phases.toReversed()
  start.forEach(visit)
  return ordered
}
