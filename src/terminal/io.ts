import type { Host } from '../host.js'
import { colorsFor, isInteractive } from './colors.js'
import { type OutputFormat, renderView, type View } from './format.js'
import { createLog, type Log } from './log.js'

/** The output of a command. Data goes to stdout, everything else to stderr. */
export interface Io {
  readonly host: Host
  readonly log: Log
  /** Writes text to stdout unchanged: help, and output with a format of its own. */
  readonly print: (text: string) => void
  /** Writes a command's result to stdout, in the requested format. */
  readonly printResult: (view: View) => Promise<void>
  /** The requested format, for the result and for errors. */
  readonly format: OutputFormat
  /** Writes a line to stderr, without the log's level and time. */
  readonly printMessage: (line: string) => void
  /** Shows a line below all others, until the next call replaces it. An empty line removes it. Undefined outside a terminal. */
  readonly showStatusLine: ((line: string) => void) | undefined
}

/** Creates the output for a host. `debug` enables the log's lowest level. */
export function createIo(host: Host, debug: boolean, format: OutputFormat = 'text'): Io {
  const { environment } = host
  let statusLine = ''
  const clearStatusLine = (): string => (statusLine === '' ? '' : '\r\x1b[K')
  const write = (text: string): void => void host.stderr.write(`${clearStatusLine()}${text}${statusLine}`)
  const log = createLog({ write, now: host.now, colors: () => colorsFor(host.stderr, environment), debug })
  return {
    host,
    log,
    format,
    printResult: async view => void host.stdout.write(await renderView(view, format)),
    print: text => void host.stdout.write(text),
    printMessage: line => {
      write(`${line}\n`)
    },
    // A getter, because stderr must not be opened before it is needed.
    get showStatusLine() {
      return !isInteractive(host.stderr, environment)
        ? undefined
        : (line: string) => {
            host.stderr.write(`${clearStatusLine()}${line}`)
            statusLine = line
          }
    }
  }
}
