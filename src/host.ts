import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExitCode } from './errors.js'

/** The process as azwi uses it. Tests replace it, so nothing below `main.ts` reads `process`. */
export interface Host {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  /** Returns the milliseconds of a monotonic clock. */
  readonly now: () => number
  /** Aborted when the user interrupts the process. The reason is the name of the signal. */
  readonly interruption: AbortSignal
  /** Waits for some milliseconds. Rejects as soon as the signal is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  /** Calls the action once, after some milliseconds. Returns a function that cancels the call. */
  readonly schedule: (milliseconds: number, action: () => void) => () => void
}

/**
 * Returns the host for the current process. It opens each stream on first use, because opening stdin takes as long as all of `azwi
 * version`.
 */
export function processHost(): Host {
  let interruption: AbortSignal | undefined
  let stdout: Writable | undefined
  let stderr: Writable | undefined
  return {
    // Only a command that reads this handles signals. For every other command the default applies: the process ends.
    get interruption() {
      return (interruption ??= listenForSignals())
    },
    environment: process.env,
    get stdin() {
      return process.stdin
    },
    get stdout() {
      return (stdout ??= exitOnClosedPipe(process.stdout))
    },
    get stderr() {
      return (stderr ??= exitOnClosedPipe(process.stderr))
    },
    now: () => process.uptime() * 1000,
    sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal }),
    schedule: (milliseconds, action) => {
      const timer = setTimeout(action, milliseconds)
      return () => {
        clearTimeout(timer)
      }
    }
  }
}

/** Exits without an error if the reader closes the pipe early, as in `azwi … | head`. */
function exitOnClosedPipe(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    process.stderr.write(`Error: the output cannot be written: ${error.message}\n`, () => process.exit(1))
  })
}

function listenForSignals(): AbortSignal {
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second signal exits at once, without waiting for requests that are still running.
      if (interruption.signal.aborted) process.exit(signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated)
      interruption.abort(signal)
    })
  }
  return interruption.signal
}
