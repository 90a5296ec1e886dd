import { createHash } from 'node:crypto'

/**
 * SHA-256 over a list of texts that keeps them apart: `a`, `b-c` and `a-b`, `c` give different digests, and so do texts that differ only
 * in what UTF-8 cannot carry. A JSON array is the separator that no text can imitate.
 */
export function digest(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest()
}
