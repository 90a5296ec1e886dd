import type { Settings } from '../config/settings.js'
import { UsageError } from '../errors.js'
import { identityKind, namesIdentity } from '../identities/choice.js'
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

/**
 * Reports whether a phase takes part in a flow with these flags. Of the two identity phases, only one does. Only a delete that follows the
 * connection does not know yet which one.
 */
export function takesPart(phase: Phase, settings: Settings, verb: Verb): boolean {
  if (!providesIdentity(phase) || (verb === 'delete' && !namesIdentity(settings))) return true
  return phase.provides === identityKind(settings)
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
 * Create: the identity before its connections. Delete: as the phases say in `deleted`.
 */
export function predecessors(phase: Phase, among: readonly Phase[], verb: Verb): Phase[] {
  return among.filter(other => rank(other, verb) < rank(phase, verb))
}

function rank(phase: Phase, verb: Verb): number {
  if (verb === 'create') return providesIdentity(phase) ? 0 : 1
  return providesIdentity(phase) ? 1 : deleteRanks[phase.deleted ?? 'with the identity']
}

const deleteRanks = { 'before the identity': 0, 'with the identity': 2, last: 3 } as const

/** Sorts the phases into the order in which the flow starts them. Phases that run at the same time keep the order of the table. */
export function inOrder(phases: readonly Phase[], verb: Verb): Phase[] {
  return phases.toSorted((a, b) => rank(a, verb) - rank(b, verb))
}
