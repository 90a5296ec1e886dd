import { useLabel } from '../../domain/annotations.js'
import type { Evidence } from '../evidence/model.js'
import type { Labels, PodGroup } from '../evidence/pod-group.js'
import { azureTokensOf, containersOf, hasAzureToken } from '../evidence/pod-spec.js'
import { fail, type Finding, ok, warn } from '../finding.js'
import { labelServiceAccountLine } from '../fixes/identity.js'
import { patchTemplateFix } from '../fixes/pod.js'
import {
  isSelected,
  labelText,
  podWebhook,
  type Selector,
  unmetByPod,
  type UnmetRequirement
} from './webhook-selection.js'

/** Checks that the pods have the labels that the webhook selects. */
export function labelCheck(evidence: Evidence, group: PodGroup): Finding {
  const {
    cluster,
    account: { audience }
  } = evidence
  const { pods, template } = group
  if (selectsEverything(evidence)) return checkWithoutSelector(evidence, group)
  const labels = template?.labels ?? pods[0]?.metadata?.labels ?? {}
  const [missing, ...more] = unmetByPod(cluster, labels)
  const place = group.kind === 'pod' ? 'the pod' : 'its pod template'
  if (missing === undefined)
    return ok('pod-label', `${place} has the label ${labelText(useLabel, labels[useLabel])}`, group.kubectlName)
  if (bringsToken(group, audience))
    return ok('pod-label', `${place} brings a token of its own, so that it needs no label`, group.kubectlName)
  const labelled = pods.filter(pod => isSelected(evidence, pod) && hasAzureToken(pod, audience))
  if (pods.length > 0 && labelled.length === pods.length)
    return ok('pod-label', 'every pod was given the label, though its template has none', group.kubectlName)
  const wanted = Object.fromEntries([missing, ...more].map(({ key, value }) => [key, value]))
  const otherPlace = findOtherPlace(evidence, group, missing)
  return fail(
    'pod-label',
    messageOf(place, missing, otherPlace),
    {
      found: labelText(missing.key, missing.found),
      expected: expectedText(missing),
      ...patchTemplateFix(group, { metadata: { labels: wanted } }, `the label ${expectedText(missing)}`)
    },
    group.kubectlName
  )
}

/** Reports whether the template sets up the token by itself, as templates for clusters without the webhook do. */
function bringsToken({ template }: PodGroup, audience: string): boolean {
  return (
    azureTokensOf(template?.spec, audience).some(token => token.audience === audience) &&
    containersOf(template?.spec).some(({ env = [] }) => env.some(({ name }) => name === 'AZURE_FEDERATED_TOKEN_FILE'))
  )
}

function expectedText({ key, value, expected }: UnmetRequirement): string {
  return value === null ? `${key}: ${expected}` : labelText(key, value)
}

function messageOf(place: string, { key, found, value }: UnmetRequirement, otherPlace: string | undefined): string {
  const wanted = value === null ? 'pods without it' : JSON.stringify(value)
  if (found !== undefined)
    return `${place} has the label ${labelText(key, found)}, and the webhook looks only for ${wanted}`
  if (otherPlace !== undefined)
    return `the label ${key} is on ${otherPlace}, not on ${place}: the webhook does not see it there`
  return `${place} lacks the label ${key}: the webhook leaves its pods alone`
}

/** Returns the place that has the label by mistake. */
function findOtherPlace(
  { account }: Evidence,
  { kubectlName, template, workload }: PodGroup,
  { key }: UnmetRequirement
): string | undefined {
  const metadata = workload?.object.metadata
  const job =
    workload?.object.spec !== undefined && 'jobTemplate' in workload.object.spec
      ? workload.object.spec.jobTemplate.metadata
      : undefined
  const places: readonly (readonly [Labels | undefined, string])[] = [
    [metadata?.labels, `${kubectlName} itself`],
    [metadata?.annotations, `${kubectlName} itself, as an annotation`],
    [job?.labels, 'its job template'],
    [template?.annotations, `${workload === undefined ? 'the pod' : 'its pod template'} as an annotation`],
    [account.account?.metadata?.labels, `the service account ${account.name}`]
  ]
  return places.find(([labels]) => labels?.[key] !== undefined)?.[1]
}

/**
 * Reports whether the webhook has no object selector. Before v1.0 it used the label of the service account instead (azure-workload-identity PR
 * 695).
 */
function selectsEverything({ cluster: { webhook } }: Evidence): boolean {
  if (!('value' in webhook) || webhook.value === null) return false
  const selector: Selector = podWebhook(webhook.value)?.objectSelector ?? {}
  const { matchLabels = {}, matchExpressions = [] } = selector
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0
}

function checkWithoutSelector({ account }: Evidence, { kubectlName, pods }: PodGroup): Finding {
  const { name, audience } = account
  const haveToken = pods.length > 0 && pods.every(pod => hasAzureToken(pod, audience))
  if (haveToken || account.account?.metadata?.labels?.[useLabel] === 'true')
    return ok('pod-label', 'the webhook looks at every pod, whatever its labels', kubectlName)
  return warn(
    'pod-label',
    `the webhook looks at every pod: it is older than v1.0, and then wants the label on the service account ${name}`,
    {
      found: `no label ${useLabel}`,
      expected: labelText(useLabel, 'true'),
      fix: [labelServiceAccountLine(account)]
    },
    kubectlName
  )
}
