import { type Json, type JsonObject, listAt } from '../../json.js'
import { wholeSeconds } from '../../dates.js'
import type { State } from '../../state.js'

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

/** The conditions as a status carries them: one that was so before keeps its time. */
export function conditionsOf(state: State, before: Json | undefined, conditions: readonly Condition[]): JsonObject[] {
  const at = wholeSeconds(state.now())
  const known = listAt(before, 'conditions')
  return conditions.map(
    condition =>
      known.find(each => Object.entries(condition).every(([name, value]) => each[name] === value)) ?? {
        ...condition,
        lastTransitionTime: at,
        lastUpdateTime: at
      }
  )
}

/** What keeps a controller from making a pod. */
export function createFailure(message: string): Condition {
  return { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }
}
