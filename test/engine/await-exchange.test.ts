import { describe, expect, it } from 'vitest'
import { Settings } from '../../src/config/settings.js'
import type { Context } from '../../src/context.js'
import { awaitExchange } from '../../src/engine/await-exchange.js'
import type { Change } from '../../src/engine/phase.js'
import { createRetryBudget } from '../../src/net/retry-budget.js'
import { createClock } from '../helpers/clock.js'
import { changeOf } from './phases.js'

const flags = { serviceAccountName: 'app', serviceAccountNamespace: 'shop' }
const written = changeOf('credential', 'create', { part: 'credential' })
const minute = 60_000

interface Exchange {
  /** Whether Entra accepts each token, in this order. It accepts all later ones. */
  readonly answers?: readonly boolean[]
  readonly done?: readonly Change[]
  /** Null: the service account does not exist. */
  readonly annotations?: Readonly<Record<string, string | undefined>> | null
  readonly timeout?: number
}

/** Waits, on a clock of its own. Returns the wait, and what it has done so far. */
function exchange({
  answers = [],
  done = [],
  annotations = { 'azure.workload.identity/client-id': 'client' },
  timeout = 10 * minute
}: Exchange = {}) {
  const clock = createClock()
  const interruption = new AbortController()
  const exchanges: unknown[] = []
  const lines: string[] = []
  const log = {
    info: (line: string, fields?: Readonly<Record<string, unknown>>) =>
      void lines.push(fields === undefined ? line : `${line} ${JSON.stringify(fields)}`)
  }
  const context = {
    settings: new Settings(['serviceAccountName', 'serviceAccountNamespace'], flags, {}),
    log,
    retryBudget: createRetryBudget(
      { ...clock, interruption: interruption.signal },
      log,
      timeout,
      new AbortController().signal
    ),
    cloud: () => Promise.resolve({ exchangeAudience: 'audience' }),
    kubernetes: () =>
      Promise.resolve({
        serviceAccount: () => Promise.resolve(annotations === null ? undefined : { metadata: { annotations } }),
        serviceAccountToken: (key: { name: string; namespace: string }, audience: string) =>
          Promise.resolve(`${key.namespace}/${key.name} for ${audience}`)
      }),
    exchange: (...parameters: readonly unknown[]) => {
      exchanges.push(parameters)
      return Promise.resolve(
        (answers[exchanges.length - 1] ?? true) ? { accepted: true } : { accepted: false, reason: 'AADSTS700213' }
      )
    }
  } as unknown as Context
  return { ended: awaitExchange(context, done), sleeps: clock.sleeps, exchanges, lines, interruption }
}

describe('the wait for Entra', () => {
  it('ends after three accepted tokens in a row, each a new one for the audience of the cloud', async () => {
    const { ended, exchanges, lines, sleeps } = exchange()
    await ended
    expect(exchanges).toEqual(Array.from({ length: 3 }, () => ['shop/app for audience', 'client']))
    expect(sleeps).toEqual([2000, 2000])
    expect(lines).toEqual([
      'waiting 2s: Entra took the token 1 of 3 times',
      'waiting 2s: Entra took the token 2 of 3 times',
      `Entra takes the service account's token {"namespace":"shop","name":"app","clientID":"client"}`
    ])
  })

  it('counts from one again after a refusal', async () => {
    const { ended, exchanges, sleeps } = exchange({ answers: [true, true, false, true] })
    await ended
    expect(exchanges).toHaveLength(6)
    expect(sleeps).toEqual([2000, 2000, 15_000, 2000, 2000])
  })

  it('waits longer after each refusal, up to a minute', async () => {
    const { ended, lines, sleeps } = exchange({ answers: [false, false, false, false, true] })
    await ended
    expect(sleeps.slice(0, 4)).toEqual([15_000, 30_000, minute, minute])
    expect(lines[0]).toBe('waiting 15s: Entra does not take the token yet (AADSTS700213)')
  })

  it.each([
    ['created', written],
    ['changed', { ...written, action: 'update' as const }]
  ])('begins ten seconds after a credential was %s', async (_, change) => {
    const { ended, lines, sleeps } = exchange({ done: [changeOf('app', 'keep'), change] })
    await ended
    expect(sleeps).toEqual([10_000, 2000, 2000])
    expect(lines[0]).toBe('waiting 10s: the new credential has to become known')
  })

  it.each([
    ['the credential existed already', { ...written, action: 'keep' as const }],
    ['only other objects were created', changeOf('app', 'create')]
  ])('begins at once if %s', async (_, change) => {
    const { ended, sleeps } = exchange({ done: [change] })
    await ended
    expect(sleeps).toEqual([2000, 2000])
  })

  it('fails if Entra does not accept the token within the time-out', async () => {
    const { ended, exchanges, sleeps } = exchange({ answers: Array<boolean>(9).fill(false), timeout: minute })
    await expect(ended).rejects.toMatchObject({
      code: 'Timeout',
      message:
        'Entra does not take the token yet (AADSTS700213); the next try would be in 60s, and 15s of --timeout 60s are left'
    })
    expect(exchanges).toHaveLength(3)
    expect(sleeps).toEqual([15_000, 30_000])
  })

  it('ends when the user interrupts it', async () => {
    const { ended, exchanges, interruption } = exchange({ done: [written] })
    interruption.abort('SIGINT')
    await expect(ended).rejects.toMatchObject({ code: 'Interrupted' })
    expect(exchanges).toEqual([])
  })

  it.each([null, {}, { other: 'annotation' }])(
    'is refused if the service account names no identity: %j',
    async annotations => {
      await expect(exchange({ annotations }).ended).rejects.toMatchObject({
        code: 'NoClientId',
        message: 'the service account shop/app has no client id to wait for',
        hint: 'run azwi serviceaccount create without --skip-phases'
      })
    }
  )
})
