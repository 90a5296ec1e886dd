import { endState, type EndState } from './end-state.js'
import { killing, type Kind, kinds } from './kinds.js'
import type { Played, Stage } from './stage.js'

export interface Schedule {
  readonly flow: string
  readonly kind: string
  /** The request that the fault meets; of several faults at once, the seed. */
  readonly label: string
}

export interface Verdict {
  readonly converged: boolean
  readonly duplicates: number
  readonly orphans: number
  /** In milliseconds, on the tool's clock. */
  readonly longestWait: number
  /** What is wrong, for a person; empty where nothing is. */
  readonly trouble: string
}

export interface Result extends Schedule, Verdict {
  /** Whether the fault was met at all. */
  readonly met: boolean
}

/** Runs the flow undisturbed: its requests, and the state that every schedule has to end in. */
export async function rehearse(stage: Stage): Promise<{ labels: readonly string[]; wanted: EndState }> {
  stage.reset()
  const { status, stderr, labels } = await stage.play()
  if (status !== 0) throw new Error(`the undisturbed run ended with ${status}:\n${stderr}`)
  return { labels, wanted: endState(stage.sandbox.state) }
}

/** Plays one schedule to its end, with a second run where the first is killed. */
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
  const runs = killing(kind) ? [first, await stage.play()] : [first]
  return { ...judge(stage, runs, wanted), met }
}

/** Compares what is there after the last run with what should be. */
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
