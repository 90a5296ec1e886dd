import { setTimeout as sleep } from 'node:timers/promises'
import { constants } from 'node:os'
import type { Host } from './output/io.js'

/** The host that is this process. A reader that closes the pipe early (`azwi … | head`) has had enough: that is no error. */
export function processHost(): Host {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
      process.stderr.write(`Error: the output cannot be written: ${error.message}\n`, () => process.exit(1))
    })
  }
  let interruption: AbortSignal | undefined
  return {
    // Signals are taken over only by a command that knows how to end well; any other ends as every process does.
    get interruption() { return interruption ??= listenForSignals() },
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => performance.now(),
    sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal })
  }
}

function listenForSignals(): AbortSignal {
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The second one leaves at once: whoever sends it does not want to wait for an answer.
      if (interruption.signal.aborted) process.exit(128 + constants.signals[signal])
      interruption.abort(signal)
    })
  }
  return interruption.signal
}
