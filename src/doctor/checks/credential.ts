import type { Case } from '../evidence.js'
import type { Finding } from '../finding.js'

export function credentialChecks(_of: Case): Finding[] {
  return []
}
