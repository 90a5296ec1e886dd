import { describe, expect, it } from 'vitest'
import { type FleetOptions, type Member, type MemberResult, runFleet } from '../../src/engine/fleet.js'
import type { Context } from '../../src/context.js'
import type { Phase } from '../../src/engine/phase.js'
import { changeOf, connection, contextWith, identity, provider } from './phases.js'

const fail = (message: string) => () => Promise.reject(new Error(message))
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const memberOf = (key: string, sharedIdentity?: string, log?: string[]): Member => ({
  key,
  context: contextWith({}, log),
  sharedIdentity
})

/** Connects the members. Checks that each of them is reported once, and that the results are in the order of the members. */

async function connectAll(
  members: readonly Member[],
  phases: readonly Phase[],
  { dryRun = false, verify = () => Promise.resolve() }: Partial<FleetOptions> = {}
) {
  const finished: MemberResult[] = []
  const results = await runFleet(members, {
    phases,
    dryRun,
    verify,
    interruption: new AbortController().signal,
    finished: result => finished.push(result)
  })
  expect(finished).toHaveLength(members.length)
  expect(new Set(finished)).toEqual(new Set(results))
  expect(results.map(({ member }) => member.key)).toEqual(members.map(({ key }) => key))
  results.forEach(({ member }, index) => {
    expect(member.context.settings).toBe(members[index]?.context.settings)
  })
  return results.map(({ member, changes, skipped, failures }) => ({
    key: member.key,
    changes: changes.map(({ action, kind }) => `${action} ${kind.noun}`),
    skipped,
    failures: failures.map(error => (error as Error).message)
  }))
}

describe('many service accounts', () => {
  it('each get an identity of their own', async () => {
    const results = await connectAll([memberOf('a'), memberOf('b')], [provider(), connection('role')])
    for (const { changes, failures } of results) {
      expect(changes).toEqual(['create app', 'create role'])
      expect(failures).toEqual([])
    }
  })

  it('share the identity that one of them creates and the others find', async () => {
    let plans = 0
    const used: unknown[] = []
    const app = provider()
    const counting = provider({
      create: context => {
        plans += 1
        return app.create(context)
      }
    })
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
    const members = [memberOf('a', 'one'), memberOf('b', 'one'), memberOf('c', 'two')]
    expect((await connectAll(members, [counting, role])).map(({ changes }) => changes)).toEqual([
      ['create app'],
      ['keep app'],
      ['create app']
    ])
    expect(plans).toBe(2)
    expect(used).toEqual([identity, identity, identity])
  })

  it('all show the shared identity in a dry run', async () => {
    const members = [memberOf('a', 'one'), memberOf('b', 'one')]
    for (const { changes } of await connectAll(members, [provider(), connection('role')], { dryRun: true }))
      expect(changes).toEqual(['create app', 'create role'])
  })

  it('fail together if their shared identity fails, and the others are connected', async () => {
    const app = provider()
    const members = [memberOf('a', 'bad'), memberOf('b', 'bad'), memberOf('c')]
    const { settings } = members[2]!.context
    const failing = provider({
      create: context =>
        context.settings === settings ? app.create(context) : Promise.reject(new Error('no permission'))
    })
    expect(await connectAll(members, [failing, connection('role')])).toEqual([
      { key: 'a', changes: [], skipped: [], failures: ['no permission'] },
      { key: 'b', changes: [], skipped: [], failures: ['no permission'] },
      { key: 'c', changes: ['create app', 'create role'], skipped: [], failures: [] }
    ])
  })

  it('do not start a connection after the shared identity has failed', async () => {
    const app = provider({
      create: () => Promise.resolve({ changes: [], apply: fail('no permission') })
    })
    const started: string[] = []
    const role = connection('role', {
      create: () => {
        started.push('role')
        return Promise.resolve({ changes: [], apply: () => Promise.resolve() })
      }
    })
    await connectAll([memberOf('a', 'one')], [app, role])
    expect(started).toEqual([])
  })

  it('report what was created before a failure, and which phases had nothing to do', async () => {
    const bad = connection('bad', { create: () => Promise.resolve({ changes: [], apply: fail('refused') }) })
    const idle = connection('idle', { validate: () => 'no role is given' })
    const [result] = await connectAll([memberOf('a')], [provider(), bad, idle])
    expect(result).toEqual({
      key: 'a',
      changes: ['create app'],
      skipped: [{ phase: 'idle', reason: 'no role is given' }],
      failures: ['refused']
    })
  })

  it('report no skipped phase for the identity that another member provides', async () => {
    const members = [memberOf('a', 'one'), memberOf('b', 'one')]
    for (const { skipped } of await connectAll(members, [provider(), connection('role')])) expect(skipped).toEqual([])
  })

  it('report flags that are invalid as a failure of the member', async () => {
    const bad = connection('bad', {
      validate: () => {
        throw new Error('--azure-scope is required')
      }
    })
    expect(await connectAll([memberOf('a')], [provider(), bad])).toEqual([
      { key: 'a', changes: [], skipped: [], failures: ['--azure-scope is required'] }
    ])
  })

  it('log in their order, and report each result as soon as it is known', async () => {
    const log: string[] = []
    const members = ['slow', 'fast', 'failing'].map(key => memberOf(key, undefined, log))
    const keyOf = ({ settings }: Context) => members.find(({ context }) => context.settings === settings)?.key ?? ''
    const role = connection('role', {
      create: async context => {
        const key = keyOf(context)
        if (key === 'slow') await turn()
        context.log.info(key)
        context.log.warn(key)
        if (key === 'failing') throw new Error('refused')
        return { changes: [], apply: () => Promise.resolve() }
      }
    })
    const finished: string[] = []
    await runFleet(members, {
      phases: [provider(), role],
      dryRun: false,
      verify: () => Promise.resolve(),
      interruption: new AbortController().signal,
      finished: ({ member }) => finished.push(member.key)
    })
    expect(log).toEqual(['slow', 'warning: slow', 'fast', 'warning: fast', 'failing', 'warning: failing'])
    expect(finished.toSorted()).toEqual(['failing', 'fast', 'slow'])
    expect(finished.at(-1)).toBe('slow')
  })

  it('fail by themselves if they are refused, before they write', async () => {
    const members = [memberOf('a'), memberOf('b'), memberOf('c', 'one')]
    const verify: FleetOptions['verify'] = async ({ settings }, plan) => {
      if (settings === members[0]!.context.settings) throw new Error('the wrong cluster')
      await plan
    }
    expect(await connectAll(members, [provider(), connection('role')], { verify })).toEqual([
      { key: 'a', changes: [], skipped: [], failures: ['the wrong cluster'] },
      { key: 'b', changes: ['create app', 'create role'], skipped: [], failures: [] },
      { key: 'c', changes: ['create app', 'create role'], skipped: [], failures: [] }
    ])
  })

  it('start nothing after an interruption', async () => {
    const interruption = new AbortController()
    interruption.abort('SIGINT')
    const results = await runFleet([memberOf('a'), memberOf('b', 'one')], {
      phases: [provider(), connection('role')],
      dryRun: false,
      verify: () => Promise.resolve(),
      interruption: interruption.signal,
      finished: () => undefined
    })
    for (const { changes, failures } of results) {
      expect(changes).toEqual([])
      expect(failures).toMatchObject([{ code: 'Interrupted' }])
    }
  })

  it('can be none', async () => {
    expect(await connectAll([], [provider()])).toEqual([])
  })

  it('all show a shared identity that exists as kept in a dry run', async () => {
    const existing = provider({
      create: () => Promise.resolve({ changes: [changeOf('app', 'keep')], apply: () => Promise.resolve(identity) })
    })
    const [, second] = await connectAll([memberOf('a', 'one'), memberOf('b', 'one')], [existing], { dryRun: true })
    expect(second?.changes).toEqual(['keep app'])
  })
})
