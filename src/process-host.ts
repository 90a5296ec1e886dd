import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExitCode } from './errors.js'
import type { Host } from './terminal/io.js'

/**
 * The host that is this process. Its streams are opened when they are first asked for: to open stdin takes as long as all the rest of
 * `azwi version`.
 */
export function processHost(): Host {
  let interruption: AbortSignal | undefined
  let stdout: Writable | undefined
  let stderr: Writable | undefined
  return {
    // Signals are taken over only by a command that knows how to end well; any other ends as every process does.
    get interruption() {
      return (interruption ??= listenForSignals())
    },
    environment: process.env,
    get stdin() {
      return process.stdin
    },
    get stdout() {
      return (stdout ??= ignoringClosedPipe(process.stdout))
    },
    get stderr() {
      return (stderr ??= ignoringClosedPipe(process.stderr))
    },
    now: () => process.uptime() * 1000,
    sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal })
  }
}

/** A reader that closes the pipe early (`azwi … | head`) has had enough: that is no error. */
function ignoringClosedPipe(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    process.stderr.write(`Error: the output cannot be written: ${error.message}\n`, () => process.exit(1))
  })
}

function listenForSignals(): AbortSignal {
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The second one leaves at once: whoever sends it does not want to wait for an answer.
      if (interruption.signal.aborted) process.exit(signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated)
      interruption.abort(signal)
    })
  }
  return interruption.signal
}
