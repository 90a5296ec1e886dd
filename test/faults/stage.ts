import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Intercept, type Sandbox, startSandbox } from '../../sandbox/src/sandbox.js'
import type { SandboxRequest } from '../../sandbox/src/server/http.js'
import { azwi, type Outcome } from '../helpers/azwi.js'
import { snapshotState } from '../helpers/state-reset.js'
import { scaledClock } from './clock.js'
import { type FlowUnderTest, type Line, lineOf } from './flows.js'
import { createCounter, labelOf } from './labels.js'

export interface Played extends Outcome {
  /** The labels of all requests of the run, in the order of arrival. */
  readonly labels: readonly string[]
  readonly longestWait: number
}

/** Handles the request with a label. Undefined passes the request to the service. `kill` ends the run. */
export type Script = (
  label: string,
  next: Parameters<Intercept>[2],
  kill: () => void,
  request: SandboxRequest
) => ReturnType<Intercept> | undefined

export interface Stage {
  readonly sandbox: Sandbox
  readonly environment: Readonly<Record<string, string>>
  /** Resets the sandbox to the state before the flow. */
  readonly reset: () => void
  /** Runs the flow's command line once. */
  readonly play: (script?: Script) => Promise<Played>
  /** Runs another command line. */
  readonly run: (line: readonly string[] | Line) => Promise<Played>
  /** Copies the state. Returns a function that restores it. */
  readonly keep: () => () => void
  /** Sets the handler for the requests of other processes. Undefined removes it. */
  readonly direct: (intercept: Intercept | undefined) => void
  /** Resolves when the sandbox has handled all requests. */
  readonly settled: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Starts a sandbox in the state before a flow. */
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

  const play = async (line: readonly string[] | Line, script: Script = () => undefined): Promise<Played> => {
    const { words, stdin } = lineOf(line)
    const dead = new AbortController()
    const number = createCounter()
    const labels: string[] = []
    intercept = (request, service, next) => {
      // A killed process sends no more requests.
      if (dead.signal.aborted) return Promise.resolve('cut')
      const label = number(labelOf(request, service))
      labels.push(label)
      return (
        script(
          label,
          next,
          () => {
            dead.abort(new Error('killed'))
          },
          request
        ) ?? next()
      )
    }
    const clock = scaledClock(dead.signal)
    const outcome = await azwi(environment, words, stdin, {
      now: clock.now,
      sleep: clock.sleep,
      schedule: clock.schedule
    })
    await settled()
    intercept = undefined
    return { ...outcome, labels, longestWait: clock.longestWait() }
  }

  flow.prepare(state)
  for (const line of flow.before(state)) {
    const { status, stderr } = await play(line)
    if (status !== 0) throw new Error(`${lineOf(line).words.join(' ')} ended with ${status}:\n${stderr}`)
  }
  flow.afterwards?.(state)
  const reset = snapshotState(state)
  return {
    sandbox,
    environment,
    reset,
    settled,
    play: script => play(flow.line(state), script),
    run: line => play(line),
    keep: () => snapshotState(state),
    direct: given => {
      intercept = given
    },
    close: async () => {
      await sandbox.close()
      await rm(directory, { recursive: true, force: true })
    }
  }
}
