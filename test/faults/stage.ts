import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Intercept, type Sandbox, startSandbox } from '../../sandbox/src/sandbox.js'
import { azwi, type Outcome } from '../helpers/azwi.js'
import { snapshotState } from '../helpers/state-reset.js'
import { scaledClock } from './clock.js'
import type { FlowUnderTest } from './flows.js'
import { createCounter, labelOf } from './labels.js'

export interface Played extends Outcome {
  /** Every request of the run by its label, in the order of arrival. */
  readonly labels: readonly string[]
  readonly longestWait: number
}

/** What happens to the request with this label; undefined lets it be. `kill` ends the run. */
export type Script = (
  label: string,
  next: Parameters<Intercept>[2],
  kill: () => void
) => ReturnType<Intercept> | undefined

export interface Stage {
  readonly sandbox: Sandbox
  readonly environment: Readonly<Record<string, string>>
  /** Puts the cloud back to where the flow begins. */
  readonly reset: () => void
  /** Runs the flow's line once. */
  readonly play: (script?: Script) => Promise<Played>
  /** The same for what happens outside this process: the script stands until it is taken away with undefined. */
  readonly direct: (intercept: Intercept | undefined) => void
  /** Resolves when the sandbox has done all that it was asked to. */
  readonly settled: () => Promise<void>
  readonly close: () => Promise<void>
}

/** A sandbox in the state in which a flow begins. */
export async function openStage(flow: FlowUnderTest): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'azwi-faults-'))
  let intercept: Intercept | undefined
  const pending = new Set<Promise<unknown>>()
  const sandbox = await startSandbox({
    intercept: (request, service, next) => {
      const outcome = intercept === undefined ? next() : intercept(request, service, next)
      pending.add(outcome)
      void outcome.finally(() => pending.delete(outcome)).catch(() => undefined)
      return outcome
    }
  })
  const { state } = sandbox
  const environment = await sandbox.environment(directory)
  const settled = async (): Promise<void> => {
    while (pending.size > 0) await Promise.allSettled(pending)
  }

  const play = async (words: readonly string[], script: Script = () => undefined): Promise<Played> => {
    const dead = new AbortController()
    const number = createCounter()
    const labels: string[] = []
    intercept = (request, service, next) => {
      // A dead process sends nothing more.
      if (dead.signal.aborted) return Promise.resolve('cut')
      const label = number(labelOf(request, service))
      labels.push(label)
      return (
        script(label, next, () => {
          dead.abort(new Error('killed'))
        }) ?? next()
      )
    }
    const clock = scaledClock(dead.signal)
    const outcome = await azwi(environment, words, '', {
      now: clock.now,
      sleep: clock.sleep,
      schedule: clock.schedule
    })
    await settled()
    intercept = undefined
    return { ...outcome, labels, longestWait: clock.longestWait() }
  }

  flow.prepare(state)
  for (const words of flow.before(state)) {
    const { status, stderr } = await play(words)
    if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}:\n${stderr}`)
  }
  const reset = snapshotState(state)
  return {
    sandbox,
    environment,
    reset,
    settled,
    play: script => play(flow.line(state), script),
    direct: given => {
      intercept = given
    },
    close: async () => {
      await sandbox.close()
      await rm(directory, { recursive: true, force: true })
    }
  }
}
