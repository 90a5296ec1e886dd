import { describe, expect, it } from 'vitest'
import { identityPhase, inOrder, phasesNamed, predecessors } from '../../src/engine/order.js'
import { providesIdentity } from '../../src/engine/phase.js'
import { Settings } from '../../src/config/settings.js'
import { phases } from '../../src/phases/index.js'

const names = (among: readonly { name: string }[]) => among.map(({ name }) => name)

describe('the order of the phases', () => {
  it('has different names and aliases for all phases', () => {
    const all = phases.flatMap(({ name, alias }) => [name, alias])
    expect(new Set(all).size).toBe(all.length)
  })

  it('has one identity phase for each kind of identity', () => {
    const flags = { managedIdentityName: 'one', managedIdentityResourceGroup: 'group' }
    const optionNames = ['managedIdentityName', 'managedIdentityResourceGroup'] as const
    expect(identityPhase(phases, new Settings(optionNames, {}, {})).name).toBe('aad-application')
    expect(identityPhase(phases, new Settings(optionNames, flags, {})).name).toBe('managed-identity')
    expect(() => identityPhase([], new Settings([], {}, {}))).toThrow('no phase provides the identity: application')
  })

  it.each(['create', 'delete'] as const)('starts no phase of %s before its predecessors', verb => {
    const ordered = inOrder(phases, verb)
    expect(names(ordered).toSorted()).toEqual(names(phases).toSorted())
    for (const [index, phase] of ordered.entries()) {
      for (const before of predecessors(phase, phases, verb)) expect(ordered.indexOf(before)).toBeLessThan(index)
    }
  })

  it('creates the identity first, and then all connections at the same time', () => {
    for (const phase of phases) {
      const before = predecessors(phase, phases, 'create')
      expect(before).toEqual(providesIdentity(phase) ? [] : phases.filter(providesIdentity))
    }
  })

  it('deletes the roles, then the identity, then the credential, and the service account last', () => {
    const before = (name: string) =>
      names(
        predecessors(
          phases.find(phase => phase.name === name)!,
          phases,
          'delete'
        )
      )
    const identities = ['aad-application', 'managed-identity']
    expect(before('role-assignment')).toEqual([])
    for (const identity of identities) expect(before(identity)).toEqual(['role-assignment'])
    expect(before('federated-identity')).toEqual([...identities, 'role-assignment'])
    expect(before('service-account')).toEqual(names(phases.filter(({ name }) => name !== 'service-account')))
  })

  it('finds phases by name and alias, and lists the valid names for an unknown one', () => {
    expect(names(phasesNamed(['app', 'role-assignment'], phases))).toEqual(['aad-application', 'role-assignment'])
    expect(() => phasesNamed(['nonsense'], phases)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('"nonsense"') as string,
        hint: expect.stringContaining('valid phases are aad-application (app), managed-identity (mi), ') as string,
        exitCode: 2
      }) as Error
    )
    for (const name of ['', 'App', 'constructor']) expect(() => phasesNamed([name], phases)).toThrow()
  })
})
