import type { V1Pod } from '@kubernetes/client-node'
import { annotation } from '../../domain/annotations.js'
import type { Evidence } from '../evidence/model.js'
import {
  conditionsOf,
  containersToInject,
  countPods,
  type PodGroup,
  podGroups,
  templateVariable
} from '../evidence/pod-group.js'
import { hasAzureToken } from '../evidence/pod-spec.js'
import { fail, type Finding, ok, skipped } from '../finding.js'
import { recreatePodsFix, recreatePodsLines } from '../fixes/pod.js'
import { isSameValue, type Variable } from './pod-variables.js'
import { isSelected, isValidExpiration, noTokenReason } from './webhook-selection.js'

/** The variables that the webhook copies from annotations of the service account when a pod is created. */
const copiedVariables = [
  { variable: 'AZURE_CLIENT_ID', key: annotation.clientId, title: 'client id' },
  { variable: 'AZURE_TENANT_ID', key: annotation.tenantId, title: 'tenant id' }
] as const

/** Checks that no pod is older than the label, the webhook or the annotations that it depends on. */
export function ageCheck(evidence: Evidence, group: PodGroup): Finding {
  const { account } = evidence
  const { kubectlName, pods, template } = group
  const reason = noTokenReason(evidence)
  const refusal = webhookRefusal(group)
  if (refusal !== undefined && reason === undefined) {
    if (!isValidExpiration(template?.annotations[annotation.tokenExpiration]))
      return skipped('pod-age', 'because of the token expiration on its template', kubectlName)
    const oldPods = pods.length === 1 ? 'an old one is left' : `${pods.length} old ones are left`
    const message = pods.length === 0 ? 'the webhook refuses its pods' : `the webhook refuses its new pods; ${oldPods}`
    return fail('pod-age', message, { found: refusal, ...recreatePodsFix(group) }, kubectlName)
  }
  if (pods.length === 0) return skipped('pod-age', reason ?? 'no pod of it runs', kubectlName)
  const withoutToken = pods.filter(pod => !hasAzureToken(pod, account.audience))
  if (withoutToken.length > 0) {
    if (reason !== undefined) return skipped('pod-age', reason, kubectlName)
    const subject = `${countPods(withoutToken.length, pods.length)} ${withoutToken.length === 1 ? 'has' : 'have'}`
    return fail(
      'pod-age',
      `${subject} no token: made before the label was there, or while the webhook was not`,
      { found: 'no token volume', expected: 'a token volume', ...recreatePodsFix(group, withoutToken) },
      kubectlName
    )
  }
  for (const { variable, key, title } of copiedVariables) {
    const expected = account.account?.metadata?.annotations?.[key] ?? ''
    const stale = expected === '' ? [] : findStalePods(evidence, group, variable, expected)
    if (stale.length === 0) continue
    const subject = `${countPods(stale.length, pods.length)} ${stale.length === 1 ? 'was' : 'were'}`
    const values = new Set(stale.map(({ found }) => (found === '' ? `no ${variable}` : found)))
    const fix = recreatePodsFix(
      group,
      stale.map(({ pod }) => pod)
    )
    return fail(
      'pod-age',
      `${subject} made before the service account had this ${title}`,
      { found: [...values].join(', '), expected, ...fix },
      kubectlName
    )
  }
  return ok(
    'pod-age',
    `${pods.length === 1 ? 'its pod was' : `all ${pods.length} pods were`} made with the label and the service account as they are`,
    kubectlName
  )
}

/** Returns the API server's error for a deployment whose pods the webhook refuses (Kubernetes API reference, DeploymentCondition). */
function webhookRefusal({ kind, workload }: PodGroup): string | undefined {
  if (kind !== 'deployment' || workload === undefined) return undefined
  const failed = conditionsOf(workload).find(
    ({ type, status, reason }) => type === 'ReplicaFailure' && status === 'True' && reason === 'FailedCreate'
  )
  return failed?.message?.includes('azure-workload-identity') === true ? failed.message : undefined
}

/** Returns the pods in which a variable differs from the expected value, with their value. */
function findStalePods(
  evidence: Evidence,
  group: PodGroup,
  variable: Variable,
  expected: string
): { readonly pod: V1Pod; readonly found: string }[] {
  return group.pods
    .filter(pod => isSelected(evidence, pod))
    .flatMap(pod => {
      const [found] = copiedValues(group, pod, variable).filter(value => !isSameValue(variable, value, expected))
      return found === undefined ? [] : [{ pod, found }]
    })
}

/**
 * Returns the lines that recreate the pods in which a variable differs. Needed after a fix that changes an annotation, because a pod keeps its
 * copy.
 */
export function recreateStalePodsLines(evidence: Evidence, variable: Variable, expected: string): string[] {
  return podGroups(evidence).flatMap(group => {
    const stale = findStalePods(evidence, group, variable, expected).map(({ pod }) => pod)
    return stale.length === 0 ? [] : recreatePodsLines(group, stale)
  })
}

/** Returns the variable's value in each container, empty if it is missing. Leaves out containers in which the template sets it. */
function copiedValues(group: PodGroup, pod: V1Pod, variable: Variable): string[] {
  return containersToInject(group, pod)
    .filter(({ name }) => templateVariable(group, name, variable) === undefined)
    .flatMap(({ env = [] }) => {
      const set = env.find(({ name }) => name === variable)
      return set?.valueFrom === undefined ? [set?.value ?? ''] : []
    })
}
