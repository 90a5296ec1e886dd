import type { Case, ClusterEvidence } from '../evidence.js'
import type { Finding } from '../finding.js'

export function webhookChecks(_cluster: ClusterEvidence): Finding[] {
  return []
}

export function namespaceCheck(_of: Case): Finding[] {
  return []
}
