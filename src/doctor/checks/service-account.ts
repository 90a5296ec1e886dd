import type { Case } from '../evidence.js'
import type { Finding } from '../finding.js'

export function serviceAccountChecks(_of: Case): Finding[] {
  return []
}
