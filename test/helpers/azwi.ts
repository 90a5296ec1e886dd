import { PassThrough, Writable } from 'node:stream'
import { type Host, run } from '../../src/main.js'
import { type Clock, createClock } from './clock.js'
import { expectNoSecrets } from './no-secrets.js'

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Replaces parts of the host. A test that passes a clock can read and advance the time. */
export type HostOverrides = Partial<Host> & { readonly clock?: Clock }

/**
 * Runs a command line in this process, as `bin/azwi.js` does in its own, with nothing of this process's environment. Throws if the command
 * prints a secret, or ends before its requests and waits have ended.
 */
export async function azwi(
  environment: Environment,
  words: readonly string[],
  stdin = '',
  { clock = createClock(), ...overrides }: HostOverrides = {}
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
    interruption: new AbortController().signal,
    now: clock.now,
    sleep: clock.sleep,
    schedule: clock.schedule,
    ...overrides
  })
  // A service might find a cancelled request in its socket only now. It must not appear in the log of the next command.
  for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve))
  const { requests, sleeps } = clock.pending()
  if (requests + sleeps > 0)
    throw new Error(`azwi ${words.join(' ')} ended with ${requests} requests and ${sleeps} waits under way`)
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
