import type { ClusterEvidence, Evidence, WebhookEvidence } from '../evidence/model.js'
import { podGroups } from '../evidence/pod-group.js'
import { hasAzureToken } from '../evidence/pod-spec.js'
import { fail, type Finding, ok, skipped, warn } from '../finding.js'
import { recreatePodsLines } from '../fixes/pod.js'
import { failClosedLine, installWebhookLine, labelNamespaceLine, startWebhookLines } from '../fixes/webhook.js'
import { aksWithoutWebhookReason, labelText, podWebhook, unmetByNamespace, unmetByPod } from './webhook-selection.js'

/** Checks that the webhook of azure-workload-identity exists and runs, and that pods cannot start without it. */
export function webhookChecks(cluster: ClusterEvidence): Finding[] {
  const { webhook } = cluster
  if (!('value' in webhook)) return skippedAll(`the webhook could not be looked at: ${webhook.unread}`)
  if (webhook.value !== null && podWebhook(webhook.value) !== undefined)
    return [presentFinding(webhook.value), endpointsCheck(webhook.value), failurePolicyCheck(webhook.value)]
  const reason = aksWithoutWebhookReason(cluster)
  if (reason !== undefined) return skippedAll(reason)
  return [absentFinding(cluster), ...skippedAll('because the webhook is not there').slice(1)]
}

function skippedAll(reason: string): Finding[] {
  return (['webhook-present', 'webhook-endpoints', 'webhook-failure-policy'] as const).map(check =>
    skipped(check, reason)
  )
}

function absentFinding(cluster: ClusterEvidence): Finding {
  return fail(
    'webhook-present',
    'the cluster has no webhook of azure-workload-identity: no pod gets a token for Azure',
    {
      found: 'no mutating webhook configuration',
      expected: 'azure-wi-webhook-mutating-webhook-configuration',
      fix: [installWebhookLine(cluster)],
      details: ['pods that were created without it have to be created again once it is there']
    }
  )
}

function presentFinding({ configuration }: WebhookEvidence): Finding {
  return ok(
    'webhook-present',
    `the webhook is configured by ${configuration.metadata?.name ?? 'a configuration without a name'}`
  )
}

function endpointsCheck(webhook: WebhookEvidence): Finding {
  const { readyEndpoints } = webhook
  const mutatingWebhook = podWebhook(webhook)
  const service = mutatingWebhook?.clientConfig.service
  if (service === undefined) return skipped('webhook-endpoints', 'the webhook is called by URL, not by a service')
  const name = `${service.namespace}/${service.name}`
  if (readyEndpoints === undefined)
    return skipped('webhook-endpoints', `the endpoints of the service ${name} could not be read`)
  if (readyEndpoints > 0)
    return ok(
      'webhook-endpoints',
      `the service ${name} has ${readyEndpoints} ready ${readyEndpoints === 1 ? 'endpoint' : 'endpoints'}`
    )
  const isIgnored = mutatingWebhook?.failurePolicy === 'Ignore'
  const effect = isIgnored
    ? 'new pods come up without a token'
    : 'new pods with the label azure.workload.identity/use are refused'
  return fail('webhook-endpoints', `the service ${name} of the webhook has no ready endpoint: ${effect}`, {
    found: '0 ready endpoints',
    expected: 'at least 1',
    fix: startWebhookLines(service.namespace),
    ...(isIgnored ? { details: ['pods that came up without a token have to be created again once it answers'] } : {})
  })
}

function failurePolicyCheck({ configuration }: WebhookEvidence): Finding {
  const ignoring = configuration.webhooks?.filter(({ failurePolicy }) => failurePolicy === 'Ignore') ?? []
  if (ignoring.length === 0) return ok('webhook-failure-policy', 'pods do not start without the webhook')
  return warn(
    'webhook-failure-policy',
    'while the webhook does not answer, pods come up without a token and nothing says so',
    {
      found: 'Ignore',
      expected: 'Fail',
      fix: [
        failClosedLine(
          configuration,
          ignoring.map(({ name }) => name)
        )
      ]
    }
  )
}

/** Checks that the webhook selects the pods of the service account's namespace. */
export function namespaceCheck(evidence: Evidence): Finding[] {
  const {
    cluster: { webhook, namespaces },
    account: { namespace, audience }
  } = evidence
  if (!('value' in webhook))
    return [skipped('webhook-namespace', `the webhook could not be looked at: ${webhook.unread}`)]
  if (webhook.value === null) return [skipped('webhook-namespace', 'because the webhook is not there')]
  if (!('value' in namespaces))
    return [skipped('webhook-namespace', `the namespaces could not be looked at: ${namespaces.unread}`)]
  const unmet = unmetByNamespace(evidence)
  if (unmet === undefined) return [skipped('webhook-namespace', `the namespace ${namespace} was not found`)]
  if (unmet.length === 0)
    return [ok('webhook-namespace', `the webhook looks at the pods of the namespace ${namespace}`)]
  const isImmutable = unmet.some(({ key }) => key === 'kubernetes.io/metadata.name') || namespace === 'kube-system'
  const recreateLines = podGroups(evidence)
    .filter(({ template }) => unmetByPod(evidence.cluster, template?.labels ?? {}).length === 0)
    .map(group => ({ group, pods: group.pods.filter(pod => !hasAzureToken(pod, audience)) }))
    .filter(({ pods }) => pods.length > 0)
    .flatMap(({ group, pods }) => recreatePodsLines(group, pods))
  return [
    fail('webhook-namespace', `the webhook leaves out the namespace ${namespace}: none of its pods gets a token`, {
      found: unmet.map(({ key, found }) => labelText(key, found)).join(', '),
      expected: unmet.map(({ key, expected }) => `${key}: ${expected}`).join(', '),
      ...(isImmutable
        ? {
            details: [
              `the labels of ${namespace} are not yours to change: run the workload in another namespace, with a service account there`
            ]
          }
        : { fix: [...unmet.map(({ key, value }) => labelNamespaceLine(namespace, key, value)), ...recreateLines] })
    })
  ]
}
