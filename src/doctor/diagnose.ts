import { aksChecks } from './checks/aks.js'
import { credentialChecks } from './checks/credential.js'
import { identityChecks } from './checks/identity.js'
import { issuerChecks, tokenIssuerCheck } from './checks/issuer.js'
import { podChecks } from './checks/pod.js'
import { proofCheck } from './checks/proof.js'
import { roleChecks } from './checks/roles.js'
import { serviceAccountChecks } from './checks/service-account.js'
import { namespaceCheck, webhookChecks } from './checks/webhook.js'
import type { ClusterEvidence, Evidence } from './evidence/model.js'
import type { Finding } from './finding.js'

/** Runs the checks of the cluster, in the order of the chain. */
export function diagnoseCluster(cluster: ClusterEvidence): Finding[] {
  return [...aksChecks(cluster), ...issuerChecks(cluster), ...webhookChecks(cluster)]
}

/** Runs the checks of one service account, in the order of the chain. The proof comes last and uses the other findings to explain a failure. */
export function diagnoseServiceAccount(evidence: Evidence): Finding[] {
  const findings = [
    ...tokenIssuerCheck(evidence),
    ...namespaceCheck(evidence),
    ...serviceAccountChecks(evidence),
    ...identityChecks(evidence),
    ...credentialChecks(evidence),
    ...roleChecks(evidence),
    ...podChecks(evidence)
  ]
  return [...findings, ...proofCheck(evidence, findings)]
}
