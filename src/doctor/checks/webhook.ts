import { shellQuoted } from '../../errors.js'
import type { Case, ClusterEvidence, WebhookEvidence } from '../evidence/model.js'
import { fail, type Finding, ok, skipped, warn } from './finding.js'
import { lacksToken, podGroups } from './pod-group.js'
import { remade } from '../fixes/pod.js'
import { labelText, namespaceUnmet, podUnmet, podWebhook, whyAksHasNone } from './webhook-selection.js'

/** Whether azure-workload-identity's webhook is there, answers, and lets no pod pass without it. */
export function webhookChecks(cluster: ClusterEvidence): Finding[] {
  const { webhook } = cluster
  if (!('value' in webhook)) return skippedAll(`the webhook could not be looked at: ${webhook.unread}`)
  const of = webhook.value === null ? undefined : podWebhook(webhook.value)
  const off = whyAksHasNone(cluster)
  if (webhook.value !== null && of !== undefined)
    return [present(webhook.value), endpoints(webhook.value), failurePolicy(webhook.value)]
  if (off !== undefined) return skippedAll(off)
  return [absent(cluster), ...skippedAll('because the webhook is not there').slice(1)]
}

function skippedAll(why: string): Finding[] {
  return (['webhook-present', 'webhook-endpoints', 'webhook-failure-policy'] as const).map(check => skipped(check, why))
}

function absent(cluster: ClusterEvidence): Finding {
  return fail(
    'webhook-present',
    'the cluster has no webhook of azure-workload-identity: no pod gets a token for Azure',
    {
      found: 'no mutating webhook configuration',
      expected: 'azure-wi-webhook-mutating-webhook-configuration',
      fix: [install(cluster)],
      details: ['pods that were made without it have to be made anew once it is there']
    }
  )
}

/** Servers of AKS (its documentation, outbound network and FQDN rules). */
const aksServer = /\.(azmk8s\.io|azk8s\.cn|containerservice\.azure\.us)(:|\/|$)/

/** AKS brings it along; elsewhere it is the project's chart. A cluster of AKS that could not be looked at shows in its server's name. */
function install({ server, aks, tenantId = '<tenant id>' }: ClusterEvidence): string {
  const known = 'value' in aks ? aks.value : undefined
  if (!known && !aksServer.test(server)) {
    return (
      'helm upgrade --install workload-identity-webhook workload-identity-webhook --repo https://azure.github.io/azure-workload-identity/charts ' +
      `--namespace azure-workload-identity-system --create-namespace --set ${shellQuoted(`azureTenantID=${tenantId}`)}`
    )
  }
  const { name, resourceGroup } = known ?? { name: '<cluster>', resourceGroup: '<resource group>' }
  return `az aks update --name ${shellQuoted(name)} --resource-group ${shellQuoted(resourceGroup)} --enable-oidc-issuer --enable-workload-identity`
}

function present({ configuration }: WebhookEvidence): Finding {
  return ok(
    'webhook-present',
    `the webhook is configured by ${configuration.metadata?.name ?? 'a configuration without a name'}`
  )
}

function endpoints(webhook: WebhookEvidence): Finding {
  const { readyEndpoints } = webhook
  const of = podWebhook(webhook)
  const service = of?.clientConfig.service
  if (service === undefined) return skipped('webhook-endpoints', 'the webhook is called by URL, not by a service')
  const name = `${service.namespace}/${service.name}`
  if (readyEndpoints === undefined)
    return skipped('webhook-endpoints', `the endpoints of the service ${name} may not be read`)
  if (readyEndpoints > 0)
    return ok(
      'webhook-endpoints',
      `the service ${name} has ${readyEndpoints} ready ${readyEndpoints === 1 ? 'endpoint' : 'endpoints'}`
    )
  const ignored = of?.failurePolicy === 'Ignore'
  const effect = ignored
    ? 'new pods come up without a token'
    : 'new pods with the label azure.workload.identity/use are refused'
  const namespace = shellQuoted(service.namespace)
  return fail('webhook-endpoints', `the service ${name} of the webhook has no ready endpoint: ${effect}`, {
    found: '0 ready endpoints',
    expected: 'at least 1',
    // Names and replicas are the chart's (Azure/azure-workload-identity, charts/workload-identity-webhook); AKS has the same.
    fix: [
      `kubectl scale deployment/azure-wi-webhook-controller-manager --namespace ${namespace} --replicas 2`,
      `kubectl rollout restart deployment/azure-wi-webhook-controller-manager --namespace ${namespace}`
    ],
    ...(ignored ? { details: ['pods that came up without a token have to be made anew once it answers'] } : {})
  })
}

function failurePolicy({ configuration }: WebhookEvidence): Finding {
  const ignoring = configuration.webhooks?.filter(each => each.failurePolicy === 'Ignore') ?? []
  if (ignoring.length === 0) return ok('webhook-failure-policy', 'pods do not start without the webhook')
  // Strategic: a merge patch would replace the whole list, selectors and CA bundle with it.
  const patch = JSON.stringify({ webhooks: ignoring.map(({ name }) => ({ name, failurePolicy: 'Fail' })) })
  const name = shellQuoted(configuration.metadata?.name ?? '<name>')
  return warn(
    'webhook-failure-policy',
    'while the webhook does not answer, pods come up without a token and nothing says so',
    {
      found: 'Ignore',
      expected: 'Fail',
      fix: [`kubectl patch mutatingwebhookconfiguration ${name} --type strategic --patch ${shellQuoted(patch)}`]
    }
  )
}

/** Whether the webhook sees the pods of the service account's namespace. */
export function namespaceCheck(of: Case): Finding[] {
  const {
    cluster: { webhook, namespaces },
    account: { namespace }
  } = of
  if (!('value' in webhook))
    return [skipped('webhook-namespace', `the webhook could not be looked at: ${webhook.unread}`)]
  if (webhook.value === null) return [skipped('webhook-namespace', 'because the webhook is not there')]
  if (!('value' in namespaces))
    return [skipped('webhook-namespace', `the namespaces could not be looked at: ${namespaces.unread}`)]
  const found = namespaceUnmet(of)
  if (found === undefined) return [skipped('webhook-namespace', `the namespace ${namespace} was not found`)]
  if (found.length === 0)
    return [ok('webhook-namespace', `the webhook looks at the pods of the namespace ${namespace}`)]
  const fixed = found.some(({ key }) => key === 'kubernetes.io/metadata.name') || namespace === 'kube-system'
  const withoutToken = podGroups(of)
    .filter(({ template }) => podUnmet(of.cluster, template?.labels ?? {}).length === 0)
    .map(group => ({ group, pods: group.pods.filter(pod => lacksToken(pod, of.account.audience)) }))
    .filter(({ pods }) => pods.length > 0)
  const labels = found.map(({ key, value }) =>
    value === null
      ? `kubectl label namespace ${shellQuoted(namespace)} ${key}-`
      : `kubectl label namespace ${shellQuoted(namespace)} --overwrite ${shellQuoted(`${key}=${value}`)}`
  )
  return [
    fail('webhook-namespace', `the webhook leaves out the namespace ${namespace}: none of its pods gets a token`, {
      found: found.map(each => labelText(each.key, each.found)).join(', '),
      expected: found.map(({ key, expected }) => `${key}: ${expected}`).join(', '),
      ...(fixed
        ? {
            details: [
              `the labels of ${namespace} are not yours to change: run the workload in another namespace, with a service account there`
            ]
          }
        : { fix: [...labels, ...withoutToken.flatMap(({ group, pods }) => remade(group, pods))] })
    })
  ]
}
