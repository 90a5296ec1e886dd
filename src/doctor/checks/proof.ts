import type { Case } from '../evidence.js'
import type { Finding } from '../finding.js'

export function proofCheck(_of: Case, _before: readonly Finding[]): Finding[] {
  return []
}
