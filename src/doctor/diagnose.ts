import { aksChecks } from './checks/aks.js'
import { credentialChecks } from './checks/credential.js'
import { identityChecks } from './checks/identity.js'
import { issuerChecks, tokenIssuerCheck } from './checks/issuer.js'
import { podChecks } from './checks/pod.js'
import { proofCheck } from './checks/proof.js'
import { roleChecks } from './checks/roles.js'
import { serviceAccountChecks } from './checks/service-account.js'
import { namespaceCheck, webhookChecks } from './checks/webhook.js'
import type { Case, ClusterEvidence } from './evidence.js'
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
