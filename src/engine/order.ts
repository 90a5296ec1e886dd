import type { Settings } from '../config/settings.js'
import { UsageError } from '../errors.js'
import { identityKind } from '../identities/choice.js'
import { type IdentityPhase, type Phase, providesIdentity, type Verb } from './phase.js'

/** Finds phases by name or alias. Throws a UsageError that lists the valid names. */
export function phasesNamed(names: readonly string[], phases: readonly Phase[]): Phase[] {
  return names.map(name => {
    const phase = phases.find(candidate => candidate.name === name || candidate.alias === name)
    if (phase !== undefined) return phase
    throw new UsageError(
      `there is no phase "${name}"`,
      `valid phases are ${phases.map(({ name, alias }) => `${name} (${alias})`).join(', ')}`
    )
  })
}

/** Reports whether a phase takes part in a flow with these flags. Of the two identity phases, only one does. */
export function takesPart(phase: Phase, settings: Settings): boolean {
  return !providesIdentity(phase) || phase.provides === identityKind(settings)
}

/** Returns the phase that provides the identity for these flags. */
export function identityPhase(phases: readonly Phase[], settings: Settings): IdentityPhase {
  const kind = identityKind(settings)
  const found = phases.filter(providesIdentity).find(({ provides }) => provides === kind)
  if (found === undefined) throw new Error(`no phase provides the identity: ${kind}`)
  return found
}

/**
 * Returns the phases that must finish before this phase starts.
 *
 * Create: the identity before its connections. Delete: the connections before the identity, and the phases with `deletedLast` after everything.
 */
export function predecessors(phase: Phase, among: readonly Phase[], verb: Verb): Phase[] {
  return among.filter(other => rank(other, verb) < rank(phase, verb))
}

function rank(phase: Phase, verb: Verb): number {
  if (verb === 'create') return providesIdentity(phase) ? 0 : 1
  if (providesIdentity(phase)) return 1
  return phase.deletedLast === true ? 2 : 0
}

/** Sorts the phases into the order in which the flow starts them. Phases that run at the same time keep the order of the table. */
export function inOrder(phases: readonly Phase[], verb: Verb): Phase[] {
  return phases.toSorted((a, b) => rank(a, verb) - rank(b, verb))
}
