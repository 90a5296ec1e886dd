import type { Case } from '../evidence.js'
import type { Finding } from '../finding.js'

export function podChecks(_of: Case): Finding[] {
  return []
}
