import { PassThrough, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectNoSecrets } from './no-secrets.js'
import { type Host, run } from '../../src/main.js'

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Runs a command line in this process, as `bin/azwi.js` would in its own. Nothing of this process's environment is handed on. */
export async function azwi(
  environment: Environment,
  words: readonly string[],
  stdin = '',
  overrides: Partial<Host> = {}
): Promise<Outcome> {
  const stdout = new Collector()
  const stderr = new Collector()
  const input = new PassThrough()
  input.end(stdin)
  const status = await run(words, {
    environment: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', ...environment },
    stdin: input,
    stdout,
    stderr,
    now: () => performance.now(),
    // Waits are shortened, not skipped: what was waited for still gets its turn.
    sleep: milliseconds => sleep(Math.min(milliseconds, 10)),
    interruption: new AbortController().signal,
    ...overrides
  })
  expectNoSecrets(stdout.text + stderr.text, environment, words)
  return { status, stdout: stdout.text, stderr: stderr.text }
}

class Collector extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
