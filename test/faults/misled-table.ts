import { lies, type MisledResult, nameOf, type Verdict } from './misled.js'
import { aligned } from './table.js'

const verdicts: readonly Verdict[] = ['converged', 'refused', 'undetectable', 'failed']

/** Returns a table of how many requests of a verb got each answer, and how the command ended. */
export function misledTable(results: readonly MisledResult[]): string {
  const row = (verb: string, answer: string, some: readonly MisledResult[]): string[] => {
    const faults = some.filter(({ verdict }) => verdict !== 'same')
    const counts = verdicts.map(verdict => faults.filter(result => result.verdict === verdict).length)
    return [verb, answer, ...[faults.length, ...counts].map(String)]
  }
  const rows = [...new Set(results.map(({ verb }) => verb))].flatMap(verb =>
    [...new Set(lies.map(nameOf))].flatMap(answer => {
      const some = results.filter(result => result.verb === verb && nameOf(result.lie) === answer)
      return some.length === 0 ? [] : [row(verb, answer, some)]
    })
  )
  return aligned([['verb', 'answer', 'requests', ...verdicts], ...rows, [], row('total', '', results)], 2)
}
