import type { ClusterEvidence } from '../evidence.js'
import type { Finding } from '../finding.js'

export function aksChecks(_cluster: ClusterEvidence): Finding[] {
  return []
}
