import { PassThrough } from 'node:stream'
import type { Host } from '../../src/main.js'

export interface Terminal {
  /** Lays a person's terminal over a host. */
  readonly overrides: Partial<Pick<Host, 'stdin' | 'stdout' | 'stderr'>>
  /** What has come up on it. */
  readonly screen: () => string
  /** The lines that stand there, as somebody sees them: without what was written over. */
  readonly lines: () => readonly string[]
}

/**
 * A terminal at which somebody types this, or does this, as soon as a question stands there; undefined is Ctrl-D. It shows one of the two
 * streams; the other is redirected.
 */
export function terminal(typed: string | undefined | (() => void), shows: 'stdout' | 'stderr' = 'stderr'): Terminal {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const shown = Object.assign(new PassThrough(), { isTTY: true })
  let screen = ''
  let asked = false
  shown.on('data', (chunk: Buffer) => {
    screen += chunk.toString()
    if (asked || !/\? ?(\[y\/N\] ?)?$/.test(screen)) return
    asked = true
    // Nobody types before the prompt is drawn to its end.
    setTimeout(() => {
      if (typeof typed === 'function') typed()
      else if (typed === undefined) stdin.end()
      else stdin.write(`${typed}\n`)
    }, 10)
  })
  // The cursor's way across the terminal is of no interest.
  return {
    overrides: { stdin, [shows]: shown },
    screen: () => screen.replace(/\x1b\[\d*[A-Z]/g, '').replaceAll('\r', ''),
    lines: () =>
      screen
        .replace(/\x1b\[\d+m/g, '')
        .split('\n')
        .map(line => line.split('\r\x1b[K').at(-1) ?? '')
  }
}
