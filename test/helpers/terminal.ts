import { PassThrough } from 'node:stream'
import type { Host } from '../../src/main.js'

export interface Terminal {
  /** The streams of the terminal, for a host. */
  readonly overrides: Partial<Pick<Host, 'stdin' | 'stdout' | 'stderr'>>
  /** Returns everything that was written to the terminal. */
  readonly screen: () => string
  /** Returns the visible lines, without overwritten text. */
  readonly lines: () => readonly string[]
}

/**
 * Creates a terminal at which a person types a text, or acts, as soon as a question is shown. Undefined is Ctrl-D. The terminal shows one of the two
 * streams. The other one is redirected.
 */
export function terminal(typed: string | undefined | (() => void), shows: 'stdout' | 'stderr' = 'stderr'): Terminal {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const shown = Object.assign(new PassThrough(), { isTTY: true })
  let screen = ''
  let hasAnswered = false
  shown.on('data', (chunk: Buffer) => {
    screen += chunk.toString()
    if (hasAnswered || !/\? ?(\[y\/N\] ?)?$/.test(screen)) return
    hasAnswered = true
    // A person types after the prompt is complete.
    setTimeout(() => {
      if (typeof typed === 'function') typed()
      else if (typed === undefined) stdin.end()
      else stdin.write(`${typed}\n`)
    }, 10)
  })
  // Sequences that move the cursor are removed.
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
