import { Readable, Writable } from 'node:stream'
import type { Host } from '../../src/host.js'
import { createIo, type Io } from '../../src/terminal/io.js'
import { createClock } from './clock.js'

export interface RecordedIo {
  readonly io: Io
  readonly stdout: () => string
  readonly stderr: () => string
}

/** Creates an Io whose output can be read. Its clock does not advance. */
export function recordedIo(environment: Host['environment'] = {}, debug = false, isTTY = false): RecordedIo {
  const written = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') =>
    Object.assign(
      new Writable({
        write: (chunk: Buffer, _, done) => {
          written[name] += chunk.toString()
          done()
        }
      }),
      { isTTY }
    )
  const io = createIo(
    {
      environment,
      stdin: Readable.from([]),
      stdout: stream('stdout'),
      stderr: stream('stderr'),
      ...createClock(),
      interruption: new AbortController().signal
    },
    debug
  )
  return { io, stdout: () => written.stdout, stderr: () => written.stderr }
}
