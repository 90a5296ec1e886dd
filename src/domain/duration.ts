/** The nanoseconds in each unit of Go's `time.ParseDuration`. Unicode has two letters for micro, and Go accepts both. */
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n
}

const second = 1_000_000_000n

/** The longest duration in Go, which is a signed 64-bit number of nanoseconds: about 292 years. */
const maxNanoseconds = 2n ** 63n - 1n

/**
 * Returns the seconds of a duration in Go's format (`1h30m`, `1.5h`, `-90s`, `0`), or of a whole number of seconds (`5400`). Returns
 * undefined for any other text, and for a duration longer than Go allows. A result in whole seconds is exact, even if the text has
 * fractions.
 */
export function parseDuration(text: string): number | undefined {
  const [, sign, rest] = /^([+-]?)(.+)$/.exec(text) ?? []
  if (rest === undefined) return undefined
  const nanoseconds = /^\d+$/.test(rest) ? BigInt(rest) * second : sumOfParts(rest)
  if (nanoseconds === undefined || nanoseconds > maxNanoseconds) return undefined
  const seconds = Number(nanoseconds / second) + Number(nanoseconds % second) / 1e9
  return sign === '-' && seconds !== 0 ? -seconds : seconds
}

/**
 * Formats seconds as Go prints a duration: `1h0m0s`, `1m30s`, `0s`. Keeps a fraction to the nanosecond (`1.5s`). Unlike Go, uses seconds
 * below one second too.
 */
export function formatDuration(seconds: number): string {
  const total = Math.abs(seconds)
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor((total % 3600) / 60)
  const rest = (total % 60).toFixed(9).replace(/\.?0+$/, '')
  const sign = seconds < 0 ? '-' : ''
  if (hours > 0) return `${sign}${hours}h${minutes}m${rest}s`
  return minutes > 0 ? `${sign}${minutes}m${rest}s` : `${sign}${rest}s`
}

function sumOfParts(text: string): bigint | undefined {
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined
  let sum = 0n
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = units[unit]
    if (size === undefined) return undefined
    sum += BigInt(whole) * size + (BigInt(fraction) * size) / 10n ** BigInt(fraction.length)
  }
  return sum
}
