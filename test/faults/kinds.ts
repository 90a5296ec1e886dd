import { setTimeout as sleep } from 'node:timers/promises'
import type { Intercept } from '../../sandbox/src/sandbox.js'
import { scaled } from './clock.js'

/** Handles one request. `kill` ends the run that sent it: the sandbox receives no more of its requests. */
export type Fault = (next: Parameters<Intercept>[2], kill: () => void) => ReturnType<Intercept>

const answer =
  (status: number, headers: Record<string, string> = {}): Fault =>
  () =>
    Promise.resolve({ status, headers, body: { error: { code: 'Fault', message: 'not now' } } })

/** In milliseconds. Longer than the 30 s after which azwi cancels a request. */
const stall = 32_000

/** The kinds of faults of a single request. */
export const kinds = {
  '429, Retry-After': answer(429, { 'retry-after': '7' }),
  '429': answer(429),
  '500': answer(500),
  '503': answer(503),
  'reset before': () => Promise.resolve('cut' as const),
  'answer lost': async next => {
    await next()
    return 'cut'
  },
  'stall, never done': async () => {
    await sleep(scaled(stall))
    return 'cut'
  },
  'stall, done at once': async next => {
    await next()
    await sleep(scaled(stall))
    return 'cut'
  },
  'stall, done late': async next => {
    await sleep(scaled(stall))
    await next()
    return 'cut'
  },
  'SIGKILL before': (_, kill) => {
    kill()
    return Promise.resolve('cut' as const)
  },
  'SIGKILL after': async (next, kill) => {
    await next()
    kill()
    return 'cut'
  }
} as const satisfies Record<string, Fault>

export type Kind = keyof typeof kinds
export const kindNames = Object.keys(kinds) as Kind[]
export const isKill = (kind: Kind): boolean => kind.startsWith('SIGKILL')
