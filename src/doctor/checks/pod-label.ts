import { useLabel } from '../../domain/annotations.js'
import { shellQuoted } from '../../errors.js'
import type { Case } from '../evidence/model.js'
import { fail, type Finding, ok, warn } from './finding.js'
import { mending } from '../fixes/pod.js'
import { containersOf, lacksToken, type PodGroup } from './pod-group.js'
import { tokensOf } from './pod-token.js'
import {
  isSelected,
  type Labels,
  labelText,
  podUnmet,
  podWebhook,
  type Selector,
  type Unmet
} from './webhook-selection.js'

/** Whether the pods are made with the label by which the webhook knows them. */
export function labelCheck(of: Case, group: PodGroup): Finding {
  const {
    cluster,
    account: { audience }
  } = of
  const { pods, template } = group
  if (selectsEverything(of)) return withoutSelector(of, group)
  const labels = template?.labels ?? pods[0]?.metadata?.labels ?? {}
  const [missing, ...more] = podUnmet(cluster, labels)
  const where = group.kind === 'pod' ? 'the pod' : 'its pod template'
  if (missing === undefined)
    return ok('pod-label', `${where} has the label ${labelText(useLabel, labels[useLabel])}`, group.of)
  if (bringsToken(group, audience))
    return ok('pod-label', `${where} brings a token of its own, so that it needs no label`, group.of)
  const labelled = pods.filter(pod => isSelected(of, pod) && !lacksToken(pod, audience))
  if (pods.length > 0 && labelled.length === pods.length)
    return ok('pod-label', 'every pod was given the label, though its template has none', group.of)
  const wanted = Object.fromEntries([missing, ...more].map(({ key, value }) => [key, value]))
  const elsewhere = whereElse(of, group, missing)
  return fail(
    'pod-label',
    explained(where, missing, elsewhere),
    {
      found: labelText(missing.key, missing.found),
      expected: expectedText(missing),
      ...mending(group, { metadata: { labels: wanted } }, `the label ${expectedText(missing)}`)
    },
    group.of
  )
}

/** Whether it does by itself what the webhook would do, as is usual where there is none. */
function bringsToken({ template }: PodGroup, audience: string): boolean {
  return (
    tokensOf(template?.spec, audience).some(token => token.audience === audience) &&
    containersOf(template?.spec).some(({ env = [] }) => env.some(({ name }) => name === 'AZURE_FEDERATED_TOKEN_FILE'))
  )
}

function expectedText({ key, value, expected }: Unmet): string {
  return value === null ? `${key}: ${expected}` : labelText(key, value)
}

function explained(where: string, { key, found, value }: Unmet, elsewhere: string | undefined): string {
  const wanted = value === null ? 'pods without it' : JSON.stringify(value)
  if (found !== undefined)
    return `${where} has the label ${labelText(key, found)}, and the webhook looks only for ${wanted}`
  if (elsewhere !== undefined)
    return `the label ${key} is on ${elsewhere}, not on ${where}: the webhook does not see it there`
  return `${where} lacks the label ${key}: the webhook leaves its pods alone`
}

/** The places where the label is put by mistake. */
function whereElse({ account }: Case, { of, template, workload }: PodGroup, { key }: Unmet): string | undefined {
  const own = workload?.object.metadata
  const job =
    workload?.object.spec !== undefined && 'jobTemplate' in workload.object.spec
      ? workload.object.spec.jobTemplate.metadata
      : undefined
  const places: readonly (readonly [Labels | undefined, string])[] = [
    [own?.labels, `${of} itself`],
    [own?.annotations, `${of} itself, as an annotation`],
    [job?.labels, 'its job template'],
    [template?.annotations, `${workload === undefined ? 'the pod' : 'its pod template'} as an annotation`],
    [account.account?.metadata?.labels, `the service account ${account.name}`]
  ]
  return places.find(([labels]) => labels?.[key] !== undefined)?.[1]
}

/** Before v1.0 the webhook had no object selector, and looked at the label of the service account (azure-workload-identity PR 695). */
function selectsEverything({ cluster: { webhook } }: Case): boolean {
  if (!('value' in webhook) || webhook.value === null) return false
  const selector: Selector = podWebhook(webhook.value)?.objectSelector ?? {}
  const { matchLabels = {}, matchExpressions = [] } = selector
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0
}

function withoutSelector({ account }: Case, { of, pods }: PodGroup): Finding {
  const { name, namespace, audience } = account
  const given = pods.length > 0 && pods.every(pod => !lacksToken(pod, audience))
  if (given || account.account?.metadata?.labels?.[useLabel] === 'true')
    return ok('pod-label', 'the webhook looks at every pod, whatever its labels', of)
  const patch = JSON.stringify({ metadata: { labels: { [useLabel]: 'true' } } })
  return warn(
    'pod-label',
    `the webhook looks at every pod: it is older than v1.0, and then wants the label on the service account ${name}`,
    {
      found: `no label ${useLabel}`,
      expected: labelText(useLabel, 'true'),
      fix: [
        `kubectl patch serviceaccount ${shellQuoted(name)} --namespace ${shellQuoted(namespace)} --type merge --patch ${shellQuoted(patch)}`
      ]
    },
    of
  )
}
