import type { V1MutatingWebhookConfiguration } from '@kubernetes/client-node'
import { shellQuoted } from '../../errors.js'
import type { ClusterEvidence } from '../evidence/model.js'
import { updateAksLine } from './publication.js'

/** The host names of AKS API servers (AKS documentation, outbound network and FQDN rules). */
const aksServer = /\.(azmk8s\.io|azk8s\.cn|containerservice\.azure\.us)(:|\/|$)/

/** Returns the line that installs the webhook: as a part of AKS, or else with the Helm chart of azure-workload-identity. */
export function installWebhookLine({ server, aks, tenantId = '<tenant id>' }: ClusterEvidence): string {
  const cluster = 'value' in aks ? aks.value : undefined
  if (cluster) return updateAksLine(cluster)
  // The server name shows that a cluster is an AKS cluster, even if the login cannot read it.
  if (aksServer.test(server)) return updateAksLine({ name: '<cluster>', resourceGroup: '<resource group>' })
  return (
    'helm upgrade --install workload-identity-webhook workload-identity-webhook --repo https://azure.github.io/azure-workload-identity/charts ' +
    `--namespace azure-workload-identity-system --create-namespace --set ${shellQuoted(`azureTenantID=${tenantId}`)}`
  )
}

/** Returns the lines that start the webhook. Name and replicas are those of the chart and of AKS (charts/workload-identity-webhook). */
export function startWebhookLines(namespace: string): string[] {
  const deployment = `deployment/azure-wi-webhook-controller-manager --namespace ${shellQuoted(namespace)}`
  return [`kubectl scale ${deployment} --replicas 2`, `kubectl rollout restart ${deployment}`]
}

/** Returns the line that sets the failure policy of some webhooks of a configuration to Fail. */
export function failClosedLine({ metadata }: V1MutatingWebhookConfiguration, webhooks: readonly string[]): string {
  const patch = JSON.stringify({ webhooks: webhooks.map(name => ({ name, failurePolicy: 'Fail' })) })
  // A merge patch would replace the whole list, with its selectors and its CA bundle.
  return `kubectl patch mutatingwebhookconfiguration ${shellQuoted(metadata?.name ?? '<name>')} --type strategic --patch ${shellQuoted(patch)}`
}

/** Returns the line that sets a label of a namespace. A value of null removes the label. */
export function labelNamespaceLine(namespace: string, key: string, value: string | null): string {
  return value === null
    ? `kubectl label namespace ${shellQuoted(namespace)} ${key}-`
    : `kubectl label namespace ${shellQuoted(namespace)} --overwrite ${shellQuoted(`${key}=${value}`)}`
}
