import { describe, expect, it } from 'vitest'
import { describeChange } from '../../src/terminal/views/changes.js'

const say = (
  kind: Parameters<typeof describeChange>[1]['kind'],
  action: Parameters<typeof describeChange>[1]['action'],
  reason?: string
) => describeChange('phase', { kind, action, fields: { name: 'x' }, ...(reason === undefined ? {} : { reason }) })

describe('what the log says of a change', () => {
  it.each([
    ['application', 'create', 'created an AAD application'],
    ['service-principal', 'create', 'created service principal'],
    ['service-account', 'create', 'created Kubernetes service account'],
    ['credential', 'create', 'added federated credential'],
    ['role-assignment', 'create', 'created role assignment']
  ] as const)("%s, %s: the Go azwi's own words", (kind, action, words) => {
    expect(say(kind, action)).toEqual({ level: 'info', message: `[phase] ${words}`, fields: { name: 'x' } })
  })

  it('never says "created" of something that was there, nor "deleted" of something that was not', () => {
    for (const kind of [
      'application',
      'service-principal',
      'service-account',
      'credential',
      'role-assignment'
    ] as const) {
      for (const action of ['update', 'keep', 'delete', 'strip', 'absent'] as const)
        expect(say(kind, action).message).not.toMatch(/created|added/)
      for (const action of ['create', 'update', 'keep', 'strip', 'absent'] as const)
        expect(say(kind, action).message).not.toMatch(/deleted/)
    }
  })

  it('says a reason, and nothing of one where there is none', () => {
    expect(say('service-account', 'strip', 'it holds labels').fields).toEqual({ name: 'x', reason: 'it holds labels' })
    expect(say('service-account', 'strip').fields).not.toHaveProperty('reason')
  })
})
