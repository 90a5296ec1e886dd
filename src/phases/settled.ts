import type { Change, DeletePlan, Emit } from './phase.js'

/** A plan that has nothing to write, only to tell. */
export function reportOnly(...changes: readonly Change[]): DeletePlan {
  return {
    changes,
    apply: (emit: Emit) => {
      changes.forEach(change => {
        emit(change)
      })
      return Promise.resolve()
    }
  }
}
