import { describe, expect, it } from 'vitest'
import { inOrder, phasesNamed, predecessors, providerOf } from '../../src/engine/order.js'
import { phases } from '../../src/phases/index.js'

const names = (among: readonly { name: string }[]) => among.map(({ name }) => name)

describe('the graph of the phases', () => {
  it('has names and aliases that are all different', () => {
    const all = phases.flatMap(({ name, alias }) => [name, alias])
    expect(new Set(all).size).toBe(all.length)
  })

  it('has someone to provide every fact that is needed', () => {
    for (const fact of phases.flatMap(({ needs }) => needs)) expect(providerOf(fact, phases)).toBeDefined()
  })

  it.each(['create', 'delete'] as const)(
    'is put in an order for %s in which nothing comes before what it waits for',
    verb => {
      const ordered = inOrder(phases, verb)
      expect(names(ordered).toSorted()).toEqual(names(phases).toSorted())
      for (const [index, phase] of ordered.entries()) {
        for (const before of predecessors(phase, phases, verb)) expect(ordered.indexOf(before)).toBeLessThan(index)
      }
    }
  )

  it('runs backwards for delete', () => {
    for (const phase of phases) {
      for (const other of phases) {
        expect(predecessors(phase, phases, 'create').includes(other)).toBe(
          predecessors(other, phases, 'delete').includes(phase)
        )
      }
    }
  })

  it('lets service account, credential and role run side by side', () => {
    for (const name of ['service-account', 'federated-identity', 'role-assignment']) {
      const before = names(
        predecessors(
          phases.find(phase => phase.name === name)!,
          phases,
          'create'
        )
      )
      expect(before).toContain('aad-application')
      expect(before).not.toContain('service-account')
      expect(before).not.toContain('federated-identity')
      expect(before).not.toContain('role-assignment')
    }
  })

  it('finds phases by name and alias, and lists the valid ones where there is none', () => {
    expect(names(phasesNamed(['app', 'role-assignment'], phases))).toEqual(['aad-application', 'role-assignment'])
    expect(() => phasesNamed(['nonsense'], phases)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('"nonsense"') as string,
        hint: expect.stringContaining('aad-application (app)') as string,
        exitCode: 2
      }) as Error
    )
    for (const name of ['', 'App', 'constructor']) expect(() => phasesNamed([name], phases)).toThrow()
  })
})
