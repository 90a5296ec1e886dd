import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js'
import { azwi, type Outcome } from './azwi.js'

export interface TestSandbox {
  /** The cloud as it now is: look into `sandbox.world`, `sandbox.requests`. */
  readonly sandbox: Sandbox
  /** A folder that goes with the test. */
  readonly directory: string
  /** What the sandbox gives a child process. */
  readonly environment: Readonly<Record<string, string>>
  /** Runs a command line against it. */
  readonly azwi: (...words: readonly string[]) => Promise<Outcome>
}

/** A fresh sandbox for each test of the suite. */
export function useSandbox(): TestSandbox {
  const current: { sandbox?: Sandbox; directory?: string; environment?: Record<string, string> } = {}
  beforeEach(async () => {
    current.directory = await mkdtemp(join(tmpdir(), 'azwi-test-'))
    current.sandbox = await startSandbox()
    current.environment = { ...await current.sandbox.environment(current.directory) }
  })
  afterEach(async () => {
    await current.sandbox?.close()
    if (current.directory !== undefined) await rm(current.directory, { recursive: true, force: true })
  })
  return {
    get sandbox() { return current.sandbox! },
    get directory() { return current.directory! },
    get environment() { return current.environment! },
    azwi: (...words) => azwi(current.environment!, words)
  }
}
