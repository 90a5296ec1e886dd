import type { Case, ClusterEvidence } from '../evidence.js'
import type { Finding } from '../finding.js'

export function issuerChecks(_cluster: ClusterEvidence): Finding[] {
  return []
}

export function tokenIssuerCheck(_of: Case): Finding[] {
  return []
}
