import { styleText } from 'node:util'
import type { Host } from '../host.js'
import { type OutputFormat, renderView, type View } from './format.js'
import { createLog, type Log } from './log.js'

/** stdout is data, stderr is talk. */
export interface Io {
  readonly host: Host
  readonly log: Log
  /** Writes to stdout as it is: help, and output that is its own format. */
  readonly print: (text: string) => void
  /** Writes a command's result to stdout in the format that was asked for, and nothing else goes there. */
  readonly result: (view: View) => Promise<void>
  readonly format: OutputFormat
  /** Writes a line for people to stderr, outside the log's format. */
  readonly say: (line: string) => void
  /** Keeps a line below all others until the next one replaces it, or an empty one takes it away. Undefined where nobody watches. */
  readonly live: ((line: string) => void) | undefined
}

/** `NO_COLOR` (no-color.org) and `FORCE_COLOR` decide; else colour is for terminals that are not dumb, and never in CI. */
export function wantsColor(stream: { readonly isTTY?: boolean }, environment: Host['environment']): boolean {
  if (environment.NO_COLOR) return false
  const forced = environment.FORCE_COLOR
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return stream.isTTY === true && environment.TERM !== 'dumb' && !environment.CI
}

/** The colours for a stream, as far as it wants any. */
export function colorsFor(stream: { readonly isTTY?: boolean }, environment: Host['environment']): Colors {
  return wantsColor(stream, environment) ? ansiColors : noColors
}

/** Whether somebody sees lines come and go. */
const isWatched = ({ stderr, environment }: Host): boolean =>
  stderr.isTTY === true && environment.TERM !== 'dumb' && !environment.CI

/** Binds the log and the two streams to a host. `debug` opens the log's lowest level; `format` is that of the result, and of errors. */
export function createIo(host: Host, debug: boolean, format: OutputFormat = 'text'): Io {
  let liveLine = ''
  const startOfLine = (): string => (liveLine === '' ? '' : '\r\x1b[K')
  const write = (text: string): void => void host.stderr.write(`${startOfLine()}${text}${liveLine}`)
  const log = createLog({ write, now: host.now, colors: () => colorsFor(host.stderr, host.environment), debug })
  return {
    host,
    log,
    format,
    result: async view => void host.stdout.write(await renderView(view, format)),
    print: text => void host.stdout.write(text),
    say: line => {
      write(`${line}\n`)
    },
    get live() {
      return !isWatched(host)
        ? undefined
        : (line: string) => {
            host.stderr.write(`${startOfLine()}${line}`)
            liveLine = line
          }
    }
  }
}

/** How texts are coloured. */
export type Colors = Readonly<Record<'gray' | 'cyan' | 'yellow' | 'red' | 'green', (text: string) => string>>

const asItIs = (text: string): string => text
/** For pipes and CI. */
export const noColors: Colors = { gray: asItIs, cyan: asItIs, yellow: asItIs, red: asItIs, green: asItIs }

// Whether colour is wanted has been decided; Node's own opinion of stdout is not asked.
const styled =
  (style: keyof Colors) =>
  (text: string): string =>
    styleText(style, text, { validateStream: false })
/** For terminals. Node's own, since a package for it takes longer to load than `azwi version` may take. */
export const ansiColors: Colors = {
  gray: styled('gray'),
  cyan: styled('cyan'),
  yellow: styled('yellow'),
  red: styled('red'),
  green: styled('green')
}
