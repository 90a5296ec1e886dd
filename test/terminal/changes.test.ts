import { describe, expect, it } from 'vitest'
import type { Action, ObjectKind } from '../../src/engine/phase.js'
import { objectKinds } from '../../src/phases/index.js'
import { describeChange } from '../../src/terminal/views/changes.js'

const describeAction = (kind: ObjectKind, action: Action, reason?: string) =>
  describeChange('phase', { kind, action, fields: { name: 'x' }, ...(reason === undefined ? {} : { reason }) })

const kindNamed = (noun: string): ObjectKind => objectKinds.find(kind => kind.noun === noun)!

describe('describeChange', () => {
  it.each([
    ['AAD application', 'created an AAD application'],
    ['service principal', 'created service principal'],
    ['Kubernetes service account', 'created Kubernetes service account'],
    ['federated credential', 'added federated credential'],
    ['role assignment', 'created role assignment']
  ])('reports a created %s in the words of the Go azwi', (noun, words) => {
    expect(describeAction(kindNamed(noun), 'create')).toEqual({
      level: 'info',
      message: `[phase] ${words}`,
      fields: { name: 'x' }
    })
  })

  it.each(objectKinds.map(kind => [kind.noun, kind] as const))(
    'says "created" and "deleted" of a %s only if it was',
    (_, kind) => {
      for (const action of ['update', 'keep', 'delete', 'strip', 'retain', 'absent'] as const)
        expect(describeAction(kind, action).message).not.toMatch(/created|added/)
      for (const action of ['create', 'update', 'keep', 'strip', 'retain', 'absent'] as const)
        expect(describeAction(kind, action).message).not.toMatch(/deleted/)
    }
  )

  it('adds a reason only if there is one', () => {
    const kind = kindNamed('Kubernetes service account')
    expect(describeAction(kind, 'strip', 'it holds labels').fields).toEqual({ name: 'x', reason: 'it holds labels' })
    expect(describeAction(kind, 'strip').fields).not.toHaveProperty('reason')
  })
})
