import { AzwiError } from '../errors.js'
import type { Change } from './phase.js'

/** Returns what people have added to what the changes delete. */
export function additionsOf(changes: readonly Change[]): string[] {
  return [...new Set(changes.flatMap(({ additions = [] }) => additions))]
}

/** Throws an AzwiError that lists the additions, if there are any. */
export function refuseAdditions(changes: readonly Change[]): void {
  const additions = additionsOf(changes)
  if (additions.length === 0) return
  throw new AzwiError('InUse', 'people have added something to what would be deleted, so nothing was deleted', {
    lines: additions,
    hint: 'remove it first, or delete it too: --force'
  })
}
