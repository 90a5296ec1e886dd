import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type Intercept, type Sandbox, startSandbox } from '../../sandbox/src/sandbox.js'
import { azwi, type Environment, type HostOverrides, type Outcome } from './azwi.js'
import { snapshotState } from './state-reset.js'

export interface FaultySandbox {
  readonly sandbox: Sandbox
  /** A folder that is deleted after the test file. */
  readonly directory: string
  /** The environment for a child process. A test can change it. It is reset before the next test. */
  readonly environment: Record<string, string>
  /** Runs a command line in the sandbox. */
  readonly run: (...words: readonly string[]) => Promise<Outcome>
  /** Runs a command line with changes to the environment. Undefined removes a variable. */
  readonly azwi: (words: readonly string[], environment?: Environment, overrides?: HostOverrides) => Promise<Outcome>
  /** Sets the handler of all requests until the end of the test. */
  readonly fault: (intercept: Intercept) => void
}

/**
 * Starts a sandbox with faults for all tests of a file, because creating its keys takes time. Each test begins with the initial state and an empty
 * request log.
 */
export function useFaultySandbox(): FaultySandbox {
  const current: {
    sandbox?: Sandbox
    directory?: string
    environment?: Record<string, string>
    fault?: Intercept | undefined
    reset?: () => void
  } = {}
  let testNumber = 0
  beforeAll(async () => {
    current.directory = await mkdtemp(join(tmpdir(), 'azwi-test-'))
    current.sandbox = await startSandbox({
      intercept: (request, service, next) => {
        const startedIn = testNumber
        // A request that a fault still holds must not change the state of the next test.
        return (current.fault ?? (() => next()))(request, service, () =>
          startedIn === testNumber ? next() : Promise.reject(new Error('the test of this request has ended'))
        )
      }
    })
    current.reset = snapshotState(current.sandbox.state)
  })
  beforeEach(async () => {
    testNumber += 1
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
