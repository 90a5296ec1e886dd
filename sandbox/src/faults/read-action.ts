import { misleadingKinds } from './format.js'
import type { PlannedAction, PlannedDelay, PlannedMisleading, PlannedStatus } from './plan.js'
import { FaultsError, numberAt, objectAt, optional, textAt, wordAt } from './read-values.js'

const words = ['reset', 'lost-answer'] as const
const kinds = ['latency', 'stall', 'status', 'misleading', 'throttle'] as const

/** Reads the action of a rule. Throws a FaultsError if it is not valid. */
export function readAction(value: unknown, place: string): PlannedAction {
  const word = words.find(candidate => candidate === value)
  if (word !== undefined) return { kind: word }
  const named = typeof value === 'object' && value !== null ? kinds.filter(kind => kind in value) : []
  const [kind, ...others] = named
  if (kind === undefined || others.length > 0) {
    throw new FaultsError(
      place,
      `expected is ${words.map(known => `"${known}"`).join(', ')}, or an object with one of ${kinds.join(', ')}`
    )
  }
  switch (kind) {
    case 'latency':
    case 'stall':
      return { kind, delay: readDelay(objectAt(value, place, [kind])[kind], `${place}.${kind}`) }
    case 'status':
      return readStatus(value, place)
    case 'misleading':
      return readMisleading(value, place)
    case 'throttle': {
      const { throttle, burst } = objectAt(value, place, ['throttle', 'burst'])
      // A very low rate is valid. With a rate of zero, no request would ever succeed.
      const perSecond = numberAt(throttle, `${place}.throttle`, { from: 1e-6 })
      return {
        kind,
        perSecond,
        burst: numberAt(burst ?? Math.max(1, Math.floor(perSecond)), `${place}.burst`, { from: 1, whole: true })
      }
    }
  }
}

/** Reads a delay: milliseconds, or `{ ms, jitter }`. Throws a FaultsError if it is not valid. */
export function readDelay(value: unknown, place: string): PlannedDelay {
  if (typeof value === 'number') return { milliseconds: numberAt(value, place, { from: 0 }), jitter: 0 }
  const { ms, jitter = 0 } = objectAt(value, place, ['ms', 'jitter'])
  return {
    milliseconds: numberAt(ms, `${place}.ms`, { from: 0 }),
    jitter: numberAt(jitter, `${place}.jitter`, { from: 0 })
  }
}

function readStatus(value: unknown, place: string): PlannedStatus {
  const {
    status,
    code,
    message,
    retryAfter,
    afterWork = false
  } = objectAt(value, place, ['status', 'code', 'message', 'retryAfter', 'afterWork'])
  if (typeof afterWork !== 'boolean') throw new FaultsError(`${place}.afterWork`, 'true or false is expected')
  return {
    kind: 'status',
    status: numberAt(status, `${place}.status`, { from: 400, to: 599, whole: true }),
    code: optional(code, text => textAt(text, `${place}.code`)),
    message: optional(message, text => textAt(text, `${place}.message`)),
    retryAfter: optional(retryAfter, given => readRetryAfter(given, `${place}.retryAfter`)),
    afterWork
  }
}

function readMisleading(value: unknown, place: string): PlannedMisleading {
  const {
    misleading,
    afterWork = false,
    link = 'https://elsewhere.invalid/'
  } = objectAt(value, place, ['misleading', 'afterWork', 'link'])
  if (typeof afterWork !== 'boolean') throw new FaultsError(`${place}.afterWork`, 'true or false is expected')
  return {
    kind: 'misleading',
    answer: wordAt(misleading, `${place}.misleading`, misleadingKinds),
    afterWork,
    link: textAt(link, `${place}.link`)
  }
}

function readRetryAfter(value: unknown, place: string): NonNullable<PlannedStatus['retryAfter']> {
  if (typeof value === 'number') return { seconds: numberAt(value, place, { from: 0, whole: true }), as: 'seconds' }
  const { date } = objectAt(value, place, ['date'])
  return { seconds: numberAt(date, `${place}.date`, { from: 0, whole: true }), as: 'date' }
}
