import type { Colors } from './colors.js'

/** The severity of a log line. */
export type Level = 'debug' | 'info' | 'warn' | 'error'
/** The fields of a log line. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>

/** Writes log lines to stderr. Leaves out fields that are undefined. */
export type Log = Readonly<Record<Level, (message: string, fields?: Fields) => void>>

/** The output and the clock of a log. */
interface LogOptions {
  readonly write: (text: string) => void
  /** Returns the milliseconds of a monotonic clock. */
  readonly now: () => number
  /** Called for each line, because azwi must open a stream to find out whether it is a terminal. */
  readonly colors: () => Colors
  readonly debug: boolean
}

const labels = { debug: 'DEBU', info: 'INFO', warn: 'WARN', error: 'ERRO' } as const

/** Pads messages to this many columns, so that the fields of adjacent lines align. */
const messageWidth = 44

/**
 * Creates a log in the format of the Go azwi (logrus on a terminal): the level, the seconds since the start in four digits, the message,
 * then the fields sorted by name.
 */
export function createLog({ write, now, colors, debug }: LogOptions): Log {
  const start = now()
  const line =
    (level: Level) =>
    (message: string, fields: Fields = {}) => {
      const { gray, cyan, yellow, red } = colors()
      const paint = { debug: gray, info: cyan, warn: yellow, error: red }
      const seconds = String(Math.floor((now() - start) / 1000)).padStart(4, '0')
      const pairs = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => ` ${paint[level](key)}=${quoteIfNeeded(String(value))}`)
        .join('')
      const text = `${singleLine(message).padEnd(messageWidth)} ${pairs}`.trimEnd()
      write(`${paint[level](labels[level])}[${seconds}] ${text}\n`)
    }
  return {
    debug: debug ? line('debug') : () => undefined,
    info: line('info'),
    warn: line('warn'),
    error: line('error')
  }
}

/** Replaces line breaks and control characters by spaces, so that text from a server or a flag cannot imitate a line of azwi. */
export function singleLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** Returns a field's value as logrus writes it: quoted like Go's `%q`, unless all characters are in `A-Z a-z 0-9 - . _ / @ ^ +`. */
export function quoteIfNeeded(value: string): string {
  return /^[A-Za-z0-9\-._/@^+]*$/.test(value) ? value : quote(value)
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v'
}

function quote(value: string): string {
  const escaped = value.replace(/["\\]|[\x00-\x1f\x7f]|[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, character => {
    const code = character.codePointAt(0) ?? 0
    if (shortEscapes[character] !== undefined) return shortEscapes[character]
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
    if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
    return `\\U${code.toString(16).padStart(8, '0')}`
  })
  return `"${escaped}"`
}
