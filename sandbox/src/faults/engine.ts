import type { SandboxRequest, Service } from '../server/http.js'
import type { Outcome } from '../server/listener.js'
import type { State } from '../state.js'
import { injectedErrorResponse } from './error-response.js'
import { createMatcher } from './matcher.js'
import type { FaultPlan, PlannedAction, PlannedDelay, PlannedStatus } from './plan.js'
import { draw } from './seeded-random.js'
import { createTokenBucket } from './token-bucket.js'

/** Does with a request what the faults have in store for it: what `next` does, late, or something else. */
export type FaultEngine = (request: SandboxRequest, service: Service, next: () => Promise<Outcome>) => Promise<Outcome>

export interface FaultEngineOptions {
  readonly seed: number
  readonly state: Pick<State, 'now' | 'subscriptionId' | 'uuid'>
  readonly sleep: (milliseconds: number) => Promise<void>
}

interface Fault {
  readonly action: PlannedAction
  readonly draw: () => number
  /** Where it throttles: seconds until the next try can succeed. */
  readonly wait: number
}

/** The rules of a plan at work. What happens to a request is decided when it arrives, before anything is waited for. */
export function createFaultEngine(
  { rules }: Pick<FaultPlan, 'rules'>,
  { seed, state, sleep }: FaultEngineOptions
): FaultEngine {
  const armed = rules.map(({ match, action }, index) => ({
    action,
    index,
    matches: createMatcher(match, seed, index),
    take: action.kind === 'throttle' ? createTokenBucket({ ...action, now: state.now }) : () => 0
  }))
  const decide = (request: SandboxRequest, service: Service): { latency: number; fault: Fault | undefined } => {
    let latency = 0
    let fault: Fault | undefined
    for (const { action, index, matches, take } of armed) {
      // Every rule counts every request that it is about, also one that an earlier rule has decided.
      const number = matches(request, service.name)
      if (number === undefined) continue
      const luck = () => draw(seed, index, number, 1)
      if (action.kind === 'latency') latency += lengthOf(action.delay, luck())
      else if (fault === undefined) {
        const wait = take()
        if (action.kind !== 'throttle' || wait > 0) fault = { action, draw: luck, wait }
      }
    }
    return { latency, fault }
  }
  return async (request, service, next) => {
    const { latency, fault } = decide(request, service)
    if (latency > 0) await sleep(latency)
    return fault === undefined ? next() : commit(fault, { request, service, next, state, sleep })
  }
}

interface FaultTarget extends Omit<FaultEngineOptions, 'seed'> {
  readonly request: SandboxRequest
  readonly service: Service
  readonly next: () => Promise<Outcome>
}

async function commit(
  { action, draw: luck, wait }: Fault,
  { request, service, next, state, sleep }: FaultTarget
): Promise<Outcome> {
  switch (action.kind) {
    case 'reset':
      return 'cut'
    case 'lost-answer':
      await next()
      return 'cut'
    case 'stall': {
      const answer = await next()
      await sleep(lengthOf(action.delay, luck()))
      return answer
    }
    case 'status':
      if (action.afterWork) await next()
      return injectedErrorResponse(state, service.name, request, {
        ...action,
        headers: retryAfterHeader(action, state.now())
      })
    case 'throttle':
      return injectedErrorResponse(state, service.name, request, {
        status: 429,
        headers: { 'retry-after': String(Math.ceil(wait)) }
      })
    case 'latency':
      return next()
  }
}

function retryAfterHeader({ retryAfter }: PlannedStatus, now: Date): Record<string, string> {
  if (retryAfter === undefined) return {}
  const { seconds, as } = retryAfter
  // A date has whole seconds: rounded up, it is never before the time that was meant.
  const date = new Date(Math.ceil(now.getTime() / 1000) * 1000 + seconds * 1000)
  return { 'retry-after': as === 'seconds' ? String(seconds) : date.toUTCString() }
}

function lengthOf({ milliseconds, jitter }: PlannedDelay, luck: number): number {
  return milliseconds + Math.round(jitter * luck)
}
