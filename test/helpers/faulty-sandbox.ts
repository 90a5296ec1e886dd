import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type Intercept, type Sandbox, startSandbox } from '../../sandbox/src/sandbox.js'
import { azwi, type Environment, type HostOverrides, type Outcome } from './azwi.js'
import { snapshotState } from './state-reset.js'

export interface FaultySandbox {
  readonly sandbox: Sandbox
  /** A folder that goes with the file. */
  readonly directory: string
  /** What the sandbox gives a child process. A test may change it; the next test finds it as it was. */
  readonly environment: Record<string, string>
  /** Runs a command line against it. */
  readonly run: (...words: readonly string[]) => Promise<Outcome>
  /** The same, with this environment laid over the sandbox's own; undefined takes a variable away. */
  readonly azwi: (words: readonly string[], environment?: Environment, overrides?: HostOverrides) => Promise<Outcome>
  /** What stands between the requests and the services from now on, until the test ends. */
  readonly fault: (intercept: Intercept) => void
}

/**
 * A sandbox with a switch for faults. It listens for as long as the file takes, since making its keys is what costs time; each test finds
 * the world as it was in the beginning, and an empty request log.
 */
export function useFaultySandbox(): FaultySandbox {
  const current: {
    sandbox?: Sandbox
    directory?: string
    environment?: Record<string, string>
    fault?: Intercept | undefined
    reset?: () => void
  } = {}
  let turn = 0
  beforeAll(async () => {
    current.directory = await mkdtemp(join(tmpdir(), 'azwi-test-'))
    current.sandbox = await startSandbox({
      intercept: (request, service, next) => {
        const came = turn
        // What a fault has held back for longer than its test took would otherwise be done in the next test's world.
        return (current.fault ?? (() => next()))(request, service, () =>
          came === turn ? next() : Promise.reject(new Error('its test is over'))
        )
      }
    })
    current.reset = snapshotState(current.sandbox.state)
  })
  beforeEach(async () => {
    turn += 1
    current.fault = undefined
    current.reset!()
    current.sandbox!.requests.length = 0
    current.environment = { ...(await current.sandbox!.environment(current.directory!)) }
  })
  afterAll(async () => {
    await current.sandbox?.close()
    if (current.directory !== undefined) await rm(current.directory, { recursive: true, force: true })
  })
  const run: FaultySandbox['azwi'] = (words, environment = {}, overrides = {}) =>
    azwi({ ...current.environment!, ...environment }, words, '', overrides)
  return {
    get sandbox() {
      return current.sandbox!
    },
    get directory() {
      return current.directory!
    },
    get environment() {
      return current.environment!
    },
    run: (...words) => run(words),
    azwi: run,
    fault: intercept => {
      current.fault = intercept
    }
  }
}
