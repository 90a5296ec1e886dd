/**
 * Returns a number from 0 (inclusive) to 1 (exclusive). It depends only on the seed and the indexes, not on earlier
 * calls, so that concurrent requests do not influence each other. Applies the finalizer of MurmurHash3 to each index.
 */
export function draw(seed: number, ...indexes: readonly number[]): number {
  let hash = mix(seed)
  for (const index of indexes) hash = mix(hash ^ Math.imul(index + 1, 0x9e3779b1))
  return (hash >>> 0) / 2 ** 32
}

function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
