import { styleText } from 'node:util'
import type { Host } from '../host.js'

/** Functions that color a text. */
export type Colors = Readonly<Record<'gray' | 'cyan' | 'yellow' | 'red' | 'green', (text: string) => string>>

const unchanged = (text: string): string => text
/** Leaves texts as they are, for pipes and CI. */
export const noColors: Colors = {
  gray: unchanged,
  cyan: unchanged,
  yellow: unchanged,
  red: unchanged,
  green: unchanged
}

// `validateStream: false`, because isColorEnabled decides, and Node would check stdout instead.
const styled =
  (style: keyof Colors) =>
  (text: string): string =>
    styleText(style, text, { validateStream: false })
/**
 * Colors texts for terminals. Uses Node's own function, because a package for colors takes longer to load than `azwi version` takes to run.
 */
export const ansiColors: Colors = {
  gray: styled('gray'),
  cyan: styled('cyan'),
  yellow: styled('yellow'),
  red: styled('red'),
  green: styled('green')
}

/**
 * Reports whether to color the output on a stream. `NO_COLOR` (no-color.org) and `FORCE_COLOR` decide. By default, a terminal outside CI
 * has colors.
 */
export function isColorEnabled(stream: { readonly isTTY?: boolean }, environment: Host['environment']): boolean {
  if (environment.NO_COLOR) return false
  const forced = environment.FORCE_COLOR
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return isInteractive(stream, environment)
}

/** Reports whether a stream is a terminal that can move the cursor, outside CI. */
export function isInteractive(stream: { readonly isTTY?: boolean }, environment: Host['environment']): boolean {
  return stream.isTTY === true && environment.TERM !== 'dumb' && !environment.CI
}

/** Returns the colors for a stream. */
export function colorsFor(stream: { readonly isTTY?: boolean }, environment: Host['environment']): Colors {
  return isColorEnabled(stream, environment) ? ansiColors : noColors
}
