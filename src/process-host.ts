import { setTimeout as sleep } from 'node:timers/promises'
import type { Host } from './output/io.js'

/** The host that is this process. A reader that closes the pipe early (`azwi … | head`) has had enough: that is no error. */
export function processHost(): Host {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
      throw error
    })
  }
  return {
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => performance.now(),
    sleep: milliseconds => sleep(milliseconds)
  }
}
