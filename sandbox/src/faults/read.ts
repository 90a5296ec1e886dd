import { type Faults, type LaggingKind, laggingKinds } from './format.js'
import type { FaultPlan, PlannedDelay } from './plan.js'
import { readAction, readDelay } from './read-action.js'
import { readMatch } from './read-match.js'
import { FaultsError, listAt, numberAt, objectAt, optional } from './read-values.js'

/** Validates faults and returns their plan. Throws a FaultsError for the first one that is not valid. */
export function readFaults(value: unknown): FaultPlan {
  const { rules = [], lag = {}, negativeCache = 0 } = objectAt(value, '', ['rules', 'lag', 'negativeCache'])
  if (!Array.isArray(rules)) throw new FaultsError('rules', 'a list is expected')
  return {
    rules: listAt(rules, 'rules', (entry, place) => {
      const rule = objectAt(entry, place, ['match', 'action'])
      return {
        match: readMatch(rule.match ?? {}, `${place}.match`),
        action: readAction(rule.action, `${place}.action`)
      }
    }),
    lag: readLag(lag),
    negativeCacheMilliseconds: numberAt(negativeCache, 'negativeCache', { from: 0 })
  }
}

/** Parses faults in JSON. Throws a FaultsError if the text is not JSON or a fault is not valid. */
export function parseFaults(text: string): Faults {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new FaultsError('', `not JSON: ${(error as SyntaxError).message}`)
  }
  readFaults(value)
  return value as Faults
}

function readLag(value: unknown): ReadonlyMap<LaggingKind, PlannedDelay> {
  const lag = objectAt(value, 'lag', laggingKinds)
  return new Map(
    laggingKinds.flatMap(kind => {
      const delay = optional(lag[kind], given => readDelay(given, `lag.${kind}`))
      return delay === undefined ? [] : [[kind, delay] as const]
    })
  )
}
