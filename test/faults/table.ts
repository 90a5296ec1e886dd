import type { Result } from './schedule.js'

/** Reports whether the run converged without duplicates and orphans, and the fault hit its request. */
export const isGood = ({ converged, met, duplicates, orphans }: Result): boolean =>
  converged && met && duplicates === 0 && orphans === 0

/** Returns a table with a row for each flow, a row for each kind of fault, and a total. */
export function table(results: readonly Result[]): string {
  const by = (key: 'flow' | 'kind') =>
    [...new Set(results.map(result => result[key]))].toSorted().map(name =>
      row(
        name,
        results.filter(result => result[key] === name)
      )
    )
  const head = ['', 'schedules', 'converged', 'duplicates', 'orphans', 'not met', 'longest wait']
  const rows = [head, ...by('flow'), [], ...by('kind'), [], row('total', results)]
  return aligned(rows, 1)
}

/** Joins rows to a table. The first columns are texts, and the others numbers. The first row has all columns. */
export function aligned(rows: readonly (readonly string[])[], textColumns: number): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(cells => cells[column]?.length ?? 0)))
  return rows
    .map(cells =>
      cells
        .map((cell, column) => (column < textColumns ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
    )
    .join('\n')
}

function row(name: string, results: readonly Result[]): string[] {
  const sum = (count: (result: Result) => number): string =>
    String(results.reduce((total, result) => total + count(result), 0))
  return [
    name,
    String(results.length),
    sum(({ converged }) => (converged ? 1 : 0)),
    sum(({ duplicates }) => duplicates),
    sum(({ orphans }) => orphans),
    sum(({ met }) => (met ? 0 : 1)),
    `${(Math.max(0, ...results.map(({ longestWait }) => longestWait)) / 1000).toFixed(1)} s`
  ]
}
