/** The first of some values that is neither missing nor empty: an empty environment variable is how CI systems and shells spell "not set". */
export function firstGiven(...values: readonly (string | undefined)[]): string | undefined {
  return values.find(value => value !== undefined && value !== '')
}
