import { wantsColor, type Io } from './io.js'

export interface Progress {
  /** One more is done. */
  readonly finished: (key: string, verdict: string) => void
  /** Takes the live line away. */
  readonly end: () => void
}

/** On a terminal one live line, and a line only for what is not unchanged; in a pipe or in CI a plain line for each. */
export function createProgress(io: Io, total: number): Progress {
  const { host, log } = io
  const live = host.stderr.isTTY === true && !host.environment.CI && wantsColor(host.stderr, host.environment)
  let done = 0
  const clear = (): void => { if (live) host.stderr.write('\r\x1b[K') }
  return {
    finished: (key, verdict) => {
      done += 1
      clear()
      if (!live || verdict !== 'unchanged') log[verdict === 'failed' ? 'error' : 'info'](`[${key}] ${verdict}`)
      if (live && done < total) host.stderr.write(`${done} of ${total}`)
    },
    end: clear
  }
}
