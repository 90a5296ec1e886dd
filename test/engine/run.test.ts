import { describe, expect, it } from 'vitest'
import { AzwiError } from '../../src/errors.js'
import type { Context } from '../../src/context.js'
import type { Action, Change, ConnectionPhase } from '../../src/engine/phase.js'
import { changeOf, connection, contextWith, identity, managedProvider, provider, runPhases } from './phases.js'

const fail = (message: string) => () => Promise.reject(new Error(message))
const refuse = () => Promise.reject(new AzwiError('Refused', 'the service refused'))
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
/** A plan that applies without a change, unless it fails. */
const planWith = (apply: () => Promise<void>) => () => Promise.resolve({ changes: [], apply })

const before = (name: string, more: Partial<ConnectionPhase> = {}) =>
  connection(name, { deleted: 'before the identity', ...more })
const last = (name: string, more: Partial<ConnectionPhase> = {}) => connection(name, { deleted: 'last', ...more })

describe('the phases of a flow', () => {
  it('run unless they are skipped, have nothing to do, or create another kind of identity', async () => {
    const skipped = connection('skipped')
    const idle = connection('idle', { validate: () => 'no role is given' })
    const phases = [provider(), managedProvider(), connection('role'), skipped, idle]
    const { lines, prepared, failures } = await runPhases({ phases, skip: [skipped] })
    expect(failures).toEqual([])
    expect(prepared).toEqual(['app', 'role'])
    expect(lines).toEqual([
      'skipped skipped: on request',
      'skipped idle: no role is given',
      'confirm app role',
      'changed create app',
      'changed create role'
    ])
  })

  it.each([
    ['both kinds of identity, because it follows the service account', {}, ['app', 'managed', 'role']],
    ['only applications, if a flag names one', { aadApplicationName: 'app' }, ['app', 'role']],
    [
      'only managed identities, if flags name one',
      { managedIdentityName: 'app', managedIdentityResourceGroup: 'group' },
      ['managed', 'role']
    ]
  ])('of delete handle %s', async (_, flags, expected) => {
    const phases = [provider(), managedProvider(), connection('role')]
    const { prepared, failures } = await runPhases({ phases, verb: 'delete' }, { context: contextWith(flags) })
    expect(failures).toEqual([])
    expect(prepared).toEqual(expected)
  })

  it('do not validate the flags of a skipped phase', async () => {
    const skipped = connection('skipped', {
      validate: () => {
        throw new Error('its flags are invalid')
      }
    })
    expect((await runPhases({ phases: [provider(), skipped], skip: [skipped] })).failures).toEqual([])
  })

  it.each(['create', 'delete'] as const)('are one if %s is called with one', async verb => {
    const role = connection('role')
    const { lines } = await runPhases({ phases: [provider(), role, connection('other')], verb, only: role })
    expect(lines).toEqual(['confirm role', `changed ${verb} role`])
  })

  it('fail if the only one has nothing to do', async () => {
    const idle = connection('idle', { validate: () => 'no role is given' })
    await expect(runPhases({ phases: [provider(), idle], only: idle })).rejects.toMatchObject({
      message: 'there is nothing to do for the phase idle: no role is given',
      hint: 'see: azwi serviceaccount create phase idle --help'
    })
  })

  it.each(['create', 'delete'] as const)('fail if the flags of %s name another kind of identity', async verb => {
    const managed = managedProvider()
    const context = contextWith({ aadApplicationName: 'app' })
    await expect(runPhases({ phases: [provider(), managed], verb, only: managed }, { context })).rejects.toThrow(
      'the phase managed has no part in this'
    )
  })

  it('need flags that name the identity if its own phase does not run', async () => {
    const app = provider({
      validate: () => {
        throw new Error('--aad-application-name is required')
      }
    })
    const role = connection('role')
    const independent = connection('sa', { worksWithoutIdentity: () => true })
    const phases = [app, role, independent]
    for (const verb of ['create', 'delete'] as const) {
      await expect(runPhases({ phases, verb, only: role })).rejects.toThrow('--aad-application-name is required')
      await expect(runPhases({ phases, verb, skip: [app] })).rejects.toThrow('--aad-application-name is required')
      expect((await runPhases({ phases, verb, only: independent })).failures).toEqual([])
      expect((await runPhases({ phases, verb, skip: [app, role] })).failures).toEqual([])
      expect((await runPhases({ phases, verb, only: role, given: { identity } })).failures).toEqual([])
    }
  })

  it('get no flags that contradict each other', async () => {
    const context = contextWith({
      managedIdentityName: 'app-identity',
      managedIdentityResourceGroup: 'group',
      aadApplicationName: 'b'
    })
    await expect(runPhases({ phases: [provider()] }, { context })).rejects.toThrow('name two kinds of identity')
  })
})

describe('the identity that a plan of create finds', () => {
  const finding = (name: string, found: unknown[]) =>
    connection(name, {
      create: async (_, findIdentity) => {
        found.push(await findIdentity())
        return { changes: [], apply: () => Promise.resolve() }
      }
    })
  const existing = { ...identity, isNew: false }
  const referred = { ...identity, isNew: true }

  it.each([
    ['is what the plan of its phase found', {}, existing],
    ['is what the flags name, if its phase is skipped', { skip: true }, referred],
    ['is what another flow has provided', { given: { identity: existing }, skip: true }, existing],
    ['is unknown if another flow will create it', { given: { identity: undefined }, skip: true }, undefined]
  ])(
    '%s',
    async (_, { skip, ...flow }: { skip?: boolean; given?: { identity: typeof identity | undefined } }, expected) => {
      const found: unknown[] = []
      const app = provider({
        refer: () => referred,
        create: () => Promise.resolve({ changes: [], identity: existing, apply: () => Promise.resolve(existing) })
      })
      const { failures } = await runPhases({
        phases: [app, finding('role', found)],
        skip: skip ? [app] : [],
        dryRun: true,
        ...flow
      })
      expect(failures).toEqual([])
      expect(found).toEqual([expected])
    }
  )

  it('is unknown if its phase will create it', async () => {
    const found: unknown[] = []
    await runPhases({ phases: [provider(), finding('role', found)] })
    expect(found).toEqual([undefined])
  })

  it.each([[false], [true]])('is looked up once for all plans (phase skipped: %j)', async skipped => {
    let lookUps = 0
    const app = provider({
      refer: () => {
        lookUps += 1
        return referred
      },
      create: () => {
        lookUps += 1
        return Promise.resolve({ changes: [], identity: existing, apply: () => Promise.resolve(existing) })
      }
    })
    const found: unknown[] = []
    const phases = [app, finding('role', found), finding('sa', found)]
    await runPhases({ phases, skip: skipped ? [app] : [] })
    expect(found).toEqual(skipped ? [referred, referred] : [existing, existing])
    expect(lookUps).toBe(1)
  })
})

describe('a plan of delete', () => {
  const planning = (name: string, contexts: Context[], more: Partial<ConnectionPhase> = {}) =>
    connection(name, {
      delete: (...parameters) => {
        expect(parameters).toHaveLength(1)
        contexts.push(parameters[0])
        return Promise.resolve({ changes: [], apply: () => Promise.resolve() })
      },
      ...more
    })
  // Delete follows the service account. It must not guess the identity from the flags, and must not find it as create does.
  const app = provider({
    refer: () => {
      throw new Error('delete has guessed the identity')
    },
    create: fail('delete has planned a create')
  })

  it.each([
    ['runs', {}],
    ['is skipped', { skip: [app] }],
    ['is skipped, because another flow has provided the identity', { skip: [app], given: { identity } }]
  ])('gets no identity from the identity phase if that %s', async (_, flow) => {
    const contexts: Context[] = []
    const result = await runPhases({ phases: [app, planning('role', contexts)], verb: 'delete', ...flow })
    expect(result.failures).toEqual([])
    expect(result.identity).toBeUndefined()
    expect(contexts).toHaveLength(1)
  })

  it('knows which parts of the connection delete handles', async () => {
    const contexts: Context[] = []
    const role = planning('role', contexts, { part: 'role-assignment' })
    const credential = planning('fi', contexts, { part: 'credential' })
    const account = planning('sa', contexts, { part: 'service-account' })
    const partless = planning('other', contexts)
    const idle = planning('idle', contexts, { part: 'credential', validate: () => 'there is nothing to do' })
    const phases = [app, managedProvider(), role, credential, account, partless]
    const partsOf = async (flow: Parameters<typeof runPhases>[0]) => {
      contexts.length = 0
      await runPhases({ verb: 'delete', ...flow })
      const [parts, ...others] = contexts.map(({ deletedParts }) => [...(deletedParts ?? [])].toSorted())
      for (const other of others) expect(other).toEqual(parts)
      return parts
    }
    const whole = ['application', 'credential', 'managed-identity', 'role-assignment', 'service-account']
    expect(await partsOf({ phases })).toEqual(whole)
    expect(await partsOf({ phases, dryRun: true })).toEqual(whole)
    expect(await partsOf({ phases, skip: [role, app] })).toEqual(['credential', 'managed-identity', 'service-account'])
    expect(await partsOf({ phases: [app, role, idle] })).toEqual(['application', 'role-assignment'])
    expect(await partsOf({ phases, only: account })).toEqual(['service-account'])
  })

  it('shares the settings of the flow, so that all plans share their look-ups', async () => {
    const contexts: Context[] = []
    const context = contextWith()
    await runPhases(
      { phases: [app, planning('role', contexts), planning('sa', contexts)], verb: 'delete' },
      { context }
    )
    expect(contexts).toHaveLength(2)
    for (const { settings } of contexts) expect(settings).toBe(context.settings)
  })
})

describe('planning', () => {
  it('writes nothing if a plan fails, and reports each cause once', async () => {
    const phases = [
      provider(),
      connection('role', { create: refuse }),
      connection('sa', { create: refuse }),
      connection('fi', { create: fail('another cause') })
    ]
    const { lines, failures, identity } = await runPhases({ phases })
    expect(lines).toEqual([
      'not started app: role failed',
      'failed role: the service refused',
      'not started sa: role failed',
      'failed fi: another cause'
    ])
    expect(failures.map(error => (error as Error).message)).toEqual(['the service refused', 'another cause'])
    expect(identity).toBeUndefined()
  })

  it('deletes nothing, the service account included, if a plan fails', async () => {
    const phases = [provider(), before('role', { delete: refuse }), connection('fi', { delete: refuse }), last('sa')]
    const { lines, failures } = await runPhases({ phases, verb: 'delete' })
    expect(lines).toEqual([
      'not started app: role failed',
      'failed role: the service refused',
      'not started fi: role failed',
      'not started sa: role failed'
    ])
    expect(failures).toHaveLength(1)
  })

  it('does not take two bugs with the same text for one cause', async () => {
    const phases = [connection('a', { create: fail('bug') }), connection('b', { create: fail('bug') })]
    expect((await runPhases({ phases: [provider(), ...phases] })).failures).toHaveLength(2)
  })

  it('gives the parts that delete handles only to plans of delete', async () => {
    const parts: unknown[] = []
    const role = connection('role', {
      create: ({ deletedParts }) => {
        parts.push(deletedParts)
        return Promise.resolve({ changes: [], apply: () => Promise.resolve() })
      }
    })
    await runPhases({ phases: [provider(), role] })
    expect(parts).toEqual([undefined])
  })

  it('is all that a dry run of create does', async () => {
    const existing = { ...identity, isNew: false }
    const app = provider({
      create: () =>
        Promise.resolve({
          changes: [changeOf('app', 'keep')],
          identity: existing,
          apply: fail('written')
        })
    })
    const role = connection('role')
    const result = await runPhases({ phases: [app, role], dryRun: true })
    expect(result).toMatchObject({ failures: [], identity: existing })
    expect(result.lines).toEqual(['planned keep app', 'planned create role'])
    expect((await runPhases({ phases: [app, role], only: role, dryRun: true })).identity).toBeUndefined()
  })

  it('is all that a dry run of delete does', async () => {
    const plan = (noun: string) => () =>
      Promise.resolve({ changes: [changeOf(noun, 'delete')], apply: fail('written'), sweep: fail('swept') })
    const phases = [provider({ delete: plan('app') }), connection('role', { delete: plan('role') })]
    const result = await runPhases({ phases, verb: 'delete', dryRun: true })
    expect(result).toMatchObject({ failures: [], identity: undefined })
    expect(result.lines).toEqual(['planned delete app', 'planned delete role'])
  })

  it.each(['create', 'delete'] as const)(
    'ends before %s asks for a confirmation, and nothing is written without one',
    async verb => {
      const written: string[] = []
      const plan = () => {
        const apply = () => {
          written.push('role')
          return Promise.resolve()
        }
        return Promise.resolve({ changes: [], apply })
      }
      const phases = [provider(), connection('role', { create: plan, delete: plan })]
      await expect(runPhases({ phases, verb }, { confirm: fail('the user said no') })).rejects.toThrow(
        'the user said no'
      )
      expect(written).toEqual([])
    }
  )

  it('logs in the order of the phases, whichever plan ends first', async () => {
    const log: string[] = []
    const logging = (name: string, ready: () => Promise<void>) =>
      connection(name, {
        create: async ({ log }) => {
          await ready()
          log.info(name)
          log.warn(name)
          return { changes: [], apply: () => Promise.resolve() }
        }
      })
    const phases = [
      provider(),
      logging('slow', async () => {
        await turn()
        await turn()
      }),
      logging('fast', () => Promise.resolve()),
      logging('medium', turn)
    ]
    await runPhases({ phases }, { context: contextWith({}, log) })
    expect(log).toEqual(['slow', 'warning: slow', 'fast', 'warning: fast', 'medium', 'warning: medium'])
  })
})

describe('the verification of a run', () => {
  it.each([
    ['create', false],
    ['create', true],
    ['delete', false],
    ['delete', true]
  ] as const)('refuses %s before anything is written (dry run: %j), and is the only cause', async (verb, dryRun) => {
    const phases = [provider(), connection('role', { create: refuse, delete: refuse }), connection('sa')]
    const { lines, failures, prepared } = await runPhases({ phases, verb, dryRun }, { verify: fail('wrong cluster') })
    expect(prepared).toEqual(['app', 'role', 'sa'])
    expect(lines).toEqual(['failed app: wrong cluster', 'not started role: app failed', 'not started sa: app failed'])
    expect(failures).toMatchObject([{ message: 'wrong cluster' }])
  })

  it('runs at the same time as the plan, and can await the end of the plan', async () => {
    const happened: string[] = []
    const role = connection('role', {
      create: async () => {
        happened.push('plan starts')
        await turn()
        happened.push('plan ends')
        return { changes: [], apply: () => Promise.resolve() }
      }
    })
    const names: string[] = []
    const { failures } = await runPhases(
      { phases: [provider(), role, connection('sa')], only: role },
      {
        verify: async (running, planned) => {
          names.push(...running.map(({ name }) => name))
          happened.push('verification starts')
          await planned
          happened.push('verification ends')
        },
        confirm: () => {
          happened.push('confirmation')
          return Promise.resolve()
        }
      }
    )
    expect(failures).toEqual([])
    expect(names).toEqual(['role'])
    expect(happened).toEqual(['plan starts', 'verification starts', 'plan ends', 'verification ends', 'confirmation'])
  })

  it('delays the writes until it ends', async () => {
    const happened: string[] = []
    await runPhases(
      { phases: [provider()] },
      {
        verify: async () => {
          for (let turns = 0; turns < 5; turns += 1) await turn()
          happened.push('verified')
        },
        confirm: () => {
          happened.push('confirmation')
          return Promise.resolve()
        }
      }
    )
    expect(happened).toEqual(['verified', 'confirmation'])
  })
})

describe('writing', () => {
  it('gives the created identity to its connections, and returns it', async () => {
    const used: unknown[] = []
    const role = connection('role', {
      create: () =>
        Promise.resolve({
          changes: [],
          apply: (_, identity) => {
            used.push(identity)
            return Promise.resolve()
          }
        })
    })
    const result = await runPhases({ phases: [role, provider()] })
    expect(used).toEqual([identity])
    expect(result.identity).toBe(identity)
    expect((await runPhases({ phases: [role, provider()], only: role })).identity).toBeUndefined()
  })

  it('reports a bug if there is no identity', async () => {
    const role = connection('role')
    const { failures } = await runPhases({ phases: [provider(), role], only: role, given: { identity: undefined } })
    expect(failures).toMatchObject([{ code: 'Bug', message: 'no phase has provided the identity' }])
  })

  it('starts no connection after the identity has failed', async () => {
    const app = provider({ create: () => Promise.resolve({ changes: [], apply: fail('no permission') }) })
    const { lines, failures, identity } = await runPhases({ phases: [app, connection('role'), connection('sa')] })
    expect(lines).toEqual([
      'confirm role sa',
      'failed app: no permission',
      'not started role: app failed',
      'not started sa: app failed'
    ])
    expect(failures).toHaveLength(1)
    expect(identity).toBeUndefined()
  })

  it('creates all connections at the same time, and awaits those that run when one fails', async () => {
    const slow = connection('slow', {
      create: () =>
        Promise.resolve({
          changes: [],
          apply: async emit => {
            await turn()
            emit(changeOf('slow', 'create'))
          }
        })
    })
    const bad = connection('bad', { create: planWith(fail('refused')) })
    const { lines } = await runPhases({ phases: [slow, bad, provider()] })
    expect(lines).toEqual(['confirm app', 'changed create app', 'failed bad: refused', 'changed create slow'])
  })

  it('reports each error of a phase with several', async () => {
    const several = () => Promise.reject(new AggregateError([new Error('one'), new Error('two')]))
    const role = connection('role', { delete: planWith(several) })
    const { lines, failures } = await runPhases({ phases: [provider(), role], verb: 'delete', only: role })
    expect(lines).toEqual(['confirm ', 'failed role: one', 'failed role: two'])
    expect(failures).toHaveLength(2)
  })

  it('reports a cause that several phases share once in the result', async () => {
    const phases = ['a', 'b'].map(name => connection(name, { create: planWith(refuse) }))
    const { lines, failures } = await runPhases({ phases: [provider(), ...phases] })
    expect(lines.slice(-2)).toEqual(['failed a: the service refused', 'failed b: the service refused'])
    expect(failures).toHaveLength(1)
  })

  it('starts no further phase after an interruption', async () => {
    const interruption = new AbortController()
    const app = provider({
      create: () =>
        Promise.resolve({
          changes: [],
          apply: () => {
            interruption.abort('SIGINT')
            return Promise.resolve(identity)
          }
        })
    })
    const result = await runPhases(
      { phases: [app, connection('role'), connection('sa')] },
      { interruption: interruption.signal }
    )
    expect(result.failures).toMatchObject([{ code: 'Interrupted' }])
    expect(result.lines.slice(1)).toEqual([
      'not started role: interrupted by SIGINT',
      'not started sa: interrupted by SIGINT'
    ])
  })
})

describe('deleting', () => {
  /** A phase that deletes its object one turn of the event loop after it starts, and logs its start. */
  const slowDelete = (log: string[], noun: string, change: Change = changeOf(noun, 'delete')) => ({
    delete: () =>
      Promise.resolve({
        changes: [change],
        apply: async (emit: (change: Change) => void) => {
          log.push(`start ${noun}`)
          await turn()
          log.push(`end ${noun}`)
          emit(change)
        }
      })
  })

  it('deletes the roles, then the identity, then the credential, and the service account last', async () => {
    const log: string[] = []
    const phases = [
      last('sa', slowDelete(log, 'sa')),
      connection('fi', slowDelete(log, 'fi')),
      provider(slowDelete(log, 'app', changeOf('app', 'delete', { identity: 'application' }))),
      managedProvider(slowDelete(log, 'managed')),
      before('role', slowDelete(log, 'role')),
      before('other role', slowDelete(log, 'other role'))
    ]
    const { failures } = await runPhases({ phases, verb: 'delete' })
    expect(failures).toEqual([])
    expect(log).toEqual([
      'start role',
      'start other role',
      'end role',
      'end other role',
      'start app',
      'start managed',
      'end app',
      'end managed',
      'start fi',
      'end fi',
      'start sa',
      'end sa'
    ])
  })

  it.each([
    ['role', ['confirm app fi sa', 'failed role: refused'], ['app', 'fi', 'sa']],
    ['app', ['confirm role fi sa', 'changed delete role', 'failed app: refused'], ['fi', 'sa']],
    ['fi', ['confirm role app sa', 'changed delete role', 'changed delete app', 'failed fi: refused'], ['sa']],
    [
      'sa',
      ['confirm role app fi', 'changed delete role', 'changed delete app', 'changed delete fi', 'failed sa: refused'],
      []
    ]
  ])('keeps all that comes after %s if that fails, so that a later run finds the rest', async (name, done, kept) => {
    const failing = (phase: string) => (phase === name ? { delete: planWith(fail('refused')) } : {})
    const phases = [
      before('role', failing('role')),
      provider(failing('app')),
      connection('fi', failing('fi')),
      last('sa', failing('sa'))
    ]
    const { lines, failures } = await runPhases({ phases, verb: 'delete' })
    expect(lines).toEqual([...done, ...kept.map(phase => `not started ${phase}: ${name} failed`)])
    expect(failures).toHaveLength(1)
  })

  it('awaits the phases that run when one fails', async () => {
    const phases = [
      provider(),
      before('slow', slowDelete([], 'slow')),
      before('bad', { delete: planWith(fail('refused')) }),
      connection('fi'),
      last('sa')
    ]
    const { lines } = await runPhases({ phases, verb: 'delete' })
    expect(lines).toEqual([
      'confirm app slow fi sa',
      'failed bad: refused',
      'changed delete slow',
      'not started app: bad failed',
      'not started fi: bad failed',
      'not started sa: bad failed'
    ])
  })

  it('keeps the service account if an interruption stops the run', async () => {
    const interruption = new AbortController()
    const apply = () => {
      interruption.abort('SIGTERM')
      return Promise.resolve()
    }
    const role = before('role', { delete: planWith(apply) })
    const { lines } = await runPhases(
      { phases: [provider(), role, connection('fi'), last('sa')], verb: 'delete' },
      { interruption: interruption.signal }
    )
    expect(lines.slice(1)).toEqual(['app', 'fi', 'sa'].map(phase => `not started ${phase}: interrupted by SIGTERM`))
  })

  it.each<[string, Action | 'skipped', boolean]>([
    ['after the identity is deleted', 'delete', true],
    ['if the identity stays', 'retain', false],
    ['if the identity was deleted by somebody else', 'absent', false],
    ['if the phase of the identity is skipped', 'skipped', false]
  ])('reports to the credential whether it is deleted already: %s', async (_, action, isDeleted) => {
    const received: boolean[] = []
    const identityChange = changeOf('app', action === 'skipped' ? 'delete' : action, { identity: 'application' })
    const app = provider(slowDelete([], 'app', identityChange))
    const role = before('role', slowDelete([], 'role'))
    const credential = connection('fi', {
      delete: () =>
        Promise.resolve({
          changes: [],
          apply: (_, isIdentityDeleted) => {
            received.push(isIdentityDeleted)
            return Promise.resolve()
          }
        })
    })
    const phases = [app, role, credential]
    const { failures } = await runPhases({ phases, skip: action === 'skipped' ? [app] : [], verb: 'delete' })
    expect(failures).toEqual([])
    expect(received).toEqual([isDeleted])
  })
})

describe('the sweep of a phase', () => {
  const sweeping = (sweep: () => Promise<void>) =>
    before('role', {
      delete: () =>
        Promise.resolve({
          changes: [],
          apply: () => Promise.resolve(),
          sweep: async emit => {
            await sweep()
            emit(changeOf('late role', 'delete'))
          }
        })
    })
  const done = () => Promise.resolve()

  it('runs after everything is deleted', async () => {
    const { lines } = await runPhases({ phases: [provider(), sweeping(done), last('sa')], verb: 'delete' })
    expect(lines.slice(1)).toEqual(['changed delete app', 'changed delete sa', 'changed delete late role'])
  })

  it('fails as its phase does', async () => {
    const { lines, failures } = await runPhases({ phases: [provider(), sweeping(fail('refused'))], verb: 'delete' })
    expect(lines.slice(1)).toEqual(['changed delete app', 'failed role: refused'])
    expect(failures).toHaveLength(1)
  })

  it('does not run if the identity stays', async () => {
    const retained = changeOf('app', 'retain', { identity: 'application' })
    const app = provider({
      delete: () =>
        Promise.resolve({
          changes: [],
          apply: emit => {
            emit(retained)
            return Promise.resolve()
          }
        })
    })
    const { lines } = await runPhases({ phases: [app, sweeping(done)], verb: 'delete' })
    expect(lines.slice(1)).toEqual(['changed retain app'])
  })

  it('does not run if the phase of the identity does not run', async () => {
    const role = sweeping(done)
    const { lines } = await runPhases({ phases: [provider(), role, last('sa')], verb: 'delete', only: role })
    expect(lines).toEqual(['confirm '])
  })

  it('does not run if only other objects are deleted', async () => {
    const app = provider({ delete: planWith(done) })
    const { lines } = await runPhases({ phases: [app, sweeping(done), last('sa')], verb: 'delete' })
    expect(lines.slice(1)).toEqual(['changed delete sa'])
  })

  it('runs even after a failure of another phase, because a later run does not find the identity', async () => {
    const account = last('sa', { delete: planWith(fail('refused')) })
    const { lines } = await runPhases({ phases: [provider(), sweeping(done), account], verb: 'delete' })
    expect(lines.slice(1)).toEqual(['changed delete app', 'failed sa: refused', 'changed delete late role'])
  })
})
