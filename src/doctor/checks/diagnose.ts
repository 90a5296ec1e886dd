import { aksChecks } from './aks.js'
import { credentialChecks } from './credential.js'
import { identityChecks } from './identity.js'
import { issuerChecks, tokenIssuerCheck } from './issuer.js'
import { podChecks } from './pod.js'
import { proofCheck } from './proof.js'
import { roleChecks } from './roles.js'
import { serviceAccountChecks } from './service-account.js'
import { namespaceCheck, webhookChecks } from './webhook.js'
import type { Case, ClusterEvidence } from '../evidence/model.js'
import type { Finding } from './finding.js'

/** What the evidence says of the cluster as a whole. */
export function diagnoseCluster(cluster: ClusterEvidence): Finding[] {
  return [...aksChecks(cluster), ...issuerChecks(cluster), ...webhookChecks(cluster)]
}

/** What it says of one service account. The proof comes last: where it fails, the findings before it say why. */
export function diagnoseServiceAccount(of: Case): Finding[] {
  const before = [
    ...tokenIssuerCheck(of),
    ...namespaceCheck(of),
    ...serviceAccountChecks(of),
    ...identityChecks(of),
    ...credentialChecks(of),
    ...roleChecks(of),
    ...podChecks(of)
  ]
  return [...before, ...proofCheck(of, before)]
}
