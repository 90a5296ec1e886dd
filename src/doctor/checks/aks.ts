import type { AksEvidence, ClusterEvidence } from '../evidence/model.js'
import { fail, type Finding, ok, skipped, warn } from '../finding.js'
import { updateAksLine } from '../fixes/publication.js'

/** Checks that the OIDC issuer and workload identity are on. Returns one skipped finding if the cluster is not an AKS cluster, or cannot be read. */
export function aksChecks(cluster: ClusterEvidence): Finding[] {
  const { aks, server } = cluster
  if ('unread' in aks)
    return [skipped('aks-oidc-issuer', `whether this is an AKS cluster could not be read: ${aks.unread}`)]
  if (aks.value === null)
    return [skipped('aks-oidc-issuer', `no AKS cluster that can be seen has the API server ${server}`)]
  return [issuerOn(aks.value, cluster), webhookOn(aks.value, cluster)]
}

function issuerOn(aks: AksEvidence, { issuer }: ClusterEvidence): Finding {
  const fix = [updateAksLine(aks)]
  if (aks.issuer === undefined)
    return fail('aks-oidc-issuer', `the OIDC issuer of the AKS cluster "${aks.name}" is off`, {
      found: 'off',
      expected: 'on',
      fix
    })
  if ('value' in issuer && issuer.value !== aks.issuer)
    return warn(
      'aks-oidc-issuer',
      `AKS names another issuer for the cluster "${aks.name}" than its API server does: it may still be changing`,
      { found: issuer.value, expected: aks.issuer, fix }
    )
  return ok('aks-oidc-issuer', `the OIDC issuer of the AKS cluster "${aks.name}" is on`)
}

function webhookOn(aks: AksEvidence, cluster: ClusterEvidence): Finding {
  if (aks.workloadIdentity)
    return ok('aks-workload-identity', `workload identity is on for the AKS cluster "${aks.name}"`)
  if (aks.issuer === undefined)
    return skipped('aks-workload-identity', 'workload identity needs the OIDC issuer, and the same line turns both on')
  if (hasInstalledWebhook(cluster))
    return ok(
      'aks-workload-identity',
      `workload identity is off for the AKS cluster "${aks.name}", and a webhook that was installed beside AKS does its work`
    )
  return fail(
    'aks-workload-identity',
    `workload identity is off for the AKS cluster "${aks.name}": no pod is given a token`,
    { found: 'off', expected: 'on', fix: [updateAksLine(aks)] }
  )
}

/** AKS runs its webhook in kube-system (azure-workload-identity, issue 856). The Helm chart uses another namespace. */
function hasInstalledWebhook({ webhook }: ClusterEvidence): boolean {
  if ('unread' in webhook || webhook.value === null) return false
  const namespaces = (webhook.value.configuration.webhooks ?? []).map(
    ({ clientConfig }) => clientConfig.service?.namespace
  )
  return namespaces.some(namespace => namespace !== undefined && namespace !== 'kube-system')
}
