import type { Action, Change } from '../../engine/phase.js'

/** Counts the objects that the changes delete, by kind: "2 service accounts and 1 role assignment". */
export function removalTotals(changes: readonly Change[]): string {
  const counted = (...actions: readonly Action[]): string[] => {
    const counts = new Map<string, number>()
    for (const { kind, action } of changes)
      if (actions.includes(action)) counts.set(kind.noun, (counts.get(kind.noun) ?? 0) + 1)
    return [...counts].map(([noun, count]) => `${count} ${count === 1 ? noun : plural(noun)}`)
  }
  const stripped = counted('strip').map(text => `the annotations of ${text}`)
  return [...counted('delete', 'purge'), ...stripped].join(', ')
}

const plural = (noun: string): string => (noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`)
