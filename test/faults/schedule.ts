import { endState, type EndState } from './end-state.js'
import { isKill, type Kind, kinds } from './kinds.js'
import type { Played, Stage } from './stage.js'

export interface Schedule {
  readonly flow: string
  readonly kind: string
  /** The label of the request with the fault. For several faults, the seed. */
  readonly label: string
}

export interface Verdict {
  readonly converged: boolean
  readonly duplicates: number
  readonly orphans: number
  /** In milliseconds, on the clock of azwi. */
  readonly longestWait: number
  /** A description of the failure for a person. Empty if there is none. */
  readonly trouble: string
}

export interface Result extends Schedule, Verdict {
  /** Whether the fault hit its request. */
  readonly met: boolean
}

/** Runs the flow without faults. Returns the labels of its requests, and the state in which every schedule must end. */
export async function rehearse(stage: Stage): Promise<{ labels: readonly string[]; wanted: EndState }> {
  stage.reset()
  const { status, stderr, labels } = await stage.play()
  if (status !== 0) throw new Error(`the run without faults ended with ${status}:\n${stderr}`)
  return { labels, wanted: endState(stage.sandbox.state) }
}

/** Runs one schedule, with a second run if the fault kills the first one. */
export async function playOne(
  stage: Stage,
  kind: Kind,
  label: string,
  wanted: EndState
): Promise<Verdict & { met: boolean }> {
  stage.reset()
  let met = false
  const first = await stage.play((each, next, kill) => {
    if (met || each !== label) return undefined
    met = true
    return kinds[kind](next, kill)
  })
  const runs = isKill(kind) ? [first, await stage.play()] : [first]
  return { ...judge(stage, runs, wanted), met }
}

/** Compares the state after the last run with the wanted one. */
export function judge(
  stage: Stage,
  runs: readonly Pick<Played, 'status' | 'stderr' | 'longestWait'>[],
  wanted: EndState
): Verdict {
  const found = endState(stage.sandbox.state)
  const { status, stderr } = runs.at(-1)!
  const missing = wanted.objects.filter(object => !found.objects.includes(object))
  const extra = found.objects.filter(object => !wanted.objects.includes(object))
  const converged = status === 0 && JSON.stringify(found.objects) === JSON.stringify(wanted.objects)
  const errors = stderr.split('\n').filter(line => /^(Error|ERRO)/.test(line))
  return {
    converged,
    duplicates: found.duplicates.length,
    orphans: found.orphans.length,
    longestWait: Math.max(...runs.map(({ longestWait }) => longestWait)),
    trouble: converged
      ? ''
      : [
          `exit ${status}`,
          ...errors,
          ...missing.map(each => `missing: ${each}`),
          ...extra.map(each => `extra: ${each}`)
        ].join('\n    ')
  }
}
