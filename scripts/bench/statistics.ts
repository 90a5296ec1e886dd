/** Returns the median: of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * Does each piece of work once per round, so that other load on the machine affects all of them equally. Returns the
 * results by name, without those of the first round, which warms up.
 */
export async function interleaved<Name extends string>(
  rounds: number,
  work: Readonly<Record<Name, (round: number) => Promise<number>>>
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(work) as Name[]
  const found = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const value = await work[name](round)
      if (round > 0) found[name].push(value)
    }
  }
  return found
}
