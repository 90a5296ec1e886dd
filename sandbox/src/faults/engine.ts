import type { SandboxRequest, Service } from '../server/http.js'
import type { Outcome } from '../server/listener.js'
import type { State } from '../state.js'
import { injectedErrorResponse } from './error-response.js'
import { createMatcher } from './matcher.js'
import { changesAnswer, misleadingAnswer } from './misleading-answer.js'
import type { FaultPlan, PlannedAction, PlannedDelay, PlannedStatus } from './plan.js'
import { draw } from './seeded-random.js'
import { createTokenBucket } from './token-bucket.js'

/** Handles a request with the faults that match it. `next` lets the service answer. */
export type FaultEngine = (request: SandboxRequest, service: Service, next: () => Promise<Outcome>) => Promise<Outcome>

/** Options of `createFaultEngine`. */
export interface FaultEngineOptions {
  /** The seed of `chance` and `jitter`. */
  readonly seed: number
  readonly state: Pick<State, 'now' | 'subscriptionId' | 'uuid'>
  readonly sleep: (milliseconds: number) => Promise<void>
}

interface Fault {
  readonly action: PlannedAction
  /** From 0 to 1. Decides the jitter. */
  readonly random: number
  /** For a throttled request: the seconds until the next one can succeed. */
  readonly retryAfterSeconds: number
}

/** Creates the engine for the rules of a plan. It decides about a request when the request arrives, before any wait. */
export function createFaultEngine(
  { rules }: Pick<FaultPlan, 'rules'>,
  { seed, state, sleep }: FaultEngineOptions
): FaultEngine {
  const preparedRules = rules.map(({ match, action }, index) => ({
    action,
    index,
    matches: createMatcher(match, seed, index),
    take: action.kind === 'throttle' ? createTokenBucket({ ...action, now: state.now }) : () => 0
  }))
  const decide = (request: SandboxRequest, service: Service): { latency: number; fault: Fault | undefined } => {
    let latency = 0
    let fault: Fault | undefined
    for (const { action, index, matches, take } of preparedRules) {
      // Every rule counts its requests, even those that an earlier rule handles.
      const number = matches(request, service.name)
      if (number === undefined) continue
      const random = draw(seed, index, number, 1)
      if (action.kind === 'latency') latency += lengthOf(action.delay, random)
      else if (fault === undefined) {
        const retryAfterSeconds = take()
        if (action.kind !== 'throttle' || retryAfterSeconds > 0) fault = { action, random, retryAfterSeconds }
      }
    }
    return { latency, fault }
  }
  return async (request, service, next) => {
    const { latency, fault } = decide(request, service)
    if (latency > 0) await sleep(latency)
    return fault === undefined ? next() : inject(fault, { request, service, next, state, sleep })
  }
}

/** The request that gets a fault, and what is needed to answer it. */
interface FaultTarget extends Omit<FaultEngineOptions, 'seed'> {
  readonly request: SandboxRequest
  readonly service: Service
  readonly next: () => Promise<Outcome>
}

async function inject(
  { action, random, retryAfterSeconds }: Fault,
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
      await sleep(lengthOf(action.delay, random))
      return answer
    }
    case 'status':
      if (action.afterWork) await next()
      return injectedErrorResponse(state, service.name, request, {
        ...action,
        headers: retryAfterHeader(action, state.now())
      })
    case 'misleading': {
      const answer = action.afterWork || changesAnswer(action.answer) ? await next() : { status: 200 }
      return answer === 'cut' ? answer : misleadingAnswer(action.answer, answer, action.link)
    }
    case 'throttle':
      return injectedErrorResponse(state, service.name, request, {
        status: 429,
        headers: { 'retry-after': String(Math.ceil(retryAfterSeconds)) }
      })
    case 'latency':
      return next()
  }
}

function retryAfterHeader({ retryAfter }: PlannedStatus, now: Date): Record<string, string> {
  if (retryAfter === undefined) return {}
  const { seconds, as } = retryAfter
  // An HTTP date has whole seconds. Rounding up makes sure that it is not too early.
  const date = new Date(Math.ceil(now.getTime() / 1000) * 1000 + seconds * 1000)
  return { 'retry-after': as === 'seconds' ? String(seconds) : date.toUTCString() }
}

function lengthOf({ milliseconds, jitter }: PlannedDelay, random: number): number {
  return milliseconds + Math.round(jitter * random)
}
