import type { Colors } from './io.js'

export type Level = 'debug' | 'info' | 'warn' | 'error'
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>

/** The log on stderr. Fields that are undefined are left out. */
export type Log = Readonly<Record<Level, (message: string, fields?: Fields) => void>>

export interface LogOptions {
  readonly write: (text: string) => void
  /** Milliseconds, of any origin. */
  readonly now: () => number
  /** Asked for when the first line is written: to know whether a stream is a terminal, it must be opened. */
  readonly colors: () => Colors
  readonly debug: boolean
}

const labels = { debug: 'DEBU', info: 'INFO', warn: 'WARN', error: 'ERRO' } as const

/** Messages are padded to this many columns, so that the fields of neighbouring lines stand below one another. */
const messageWidth = 44

/**
 * A log in the format that the users of the Go azwi know (logrus on a terminal): level, whole seconds since the start in four digits,
 * message, then the fields sorted by name.
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
      const text = `${onOneLine(message).padEnd(messageWidth)} ${pairs}`.trimEnd()
      write(`${paint[level](labels[level])}[${seconds}] ${text}\n`)
    }
  return {
    debug: debug ? line('debug') : () => undefined,
    info: line('info'),
    warn: line('warn'),
    error: line('error')
  }
}

/** A line break or an escape sequence inside a text would let what a server or a flag says pass for a line of ours. */
export function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** A field's value as logrus writes it: bare where it is made of `A-Z a-z 0-9 - . _ / @ ^ +`, else quoted as Go's `%q` does. */
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
