import type { Case } from '../evidence.js'
import type { Finding } from '../finding.js'

export function roleChecks(_of: Case): Finding[] {
  return []
}
