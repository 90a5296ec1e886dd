import type { V1Pod } from '@kubernetes/client-node'
import { annotation } from '../../domain/annotations.js'
import type { Case } from '../evidence/model.js'
import { fail, type Finding, ok, skipped } from './finding.js'
import { remade, remaking } from '../fixes/pod.js'
import {
  conditionsOf,
  containersWanted,
  lacksToken,
  type PodGroup,
  podGroups,
  share,
  templateVariable
} from './pod-group.js'
import { isExpiration, isSelected, whyNoTokens } from './webhook-selection.js'
import { isSameValue, type Variable } from './pod-environment.js'

/** What the webhook writes into a pod from the service account's annotations, once. */
const written = [
  { variable: 'AZURE_CLIENT_ID', from: annotation.clientId, what: 'client id' },
  { variable: 'AZURE_TENANT_ID', from: annotation.tenantId, what: 'tenant id' }
] as const

/** Whether pods are older than the label, the webhook or the annotations that they should have been made with. */
export function ageCheck(of: Case, group: PodGroup): Finding {
  const { account } = of
  const { pods, template } = group
  const why = whyNoTokens(of)
  const refusal = refusalOf(group)
  if (refusal !== undefined && why === undefined) {
    if (!isExpiration(template?.annotations[annotation.tokenExpiration]))
      return skipped('pod-age', 'because of the token expiration on its template', group.of)
    const left = pods.length === 1 ? 'an old one is left' : `${pods.length} old ones are left`
    const message = pods.length === 0 ? 'the webhook refuses its pods' : `the webhook refuses its new pods; ${left}`
    return fail('pod-age', message, { found: refusal, ...remaking(group) }, group.of)
  }
  if (pods.length === 0) return skipped('pod-age', why ?? 'no pod of it runs', group.of)
  const without = pods.filter(pod => lacksToken(pod, account.audience))
  if (without.length > 0) {
    if (why !== undefined) return skipped('pod-age', why, group.of)
    const some = `${share(without.length, pods.length)} ${without.length === 1 ? 'has' : 'have'}`
    const message = `${some} no token: made before the label was there, or while the webhook was not`
    return fail(
      'pod-age',
      message,
      { found: 'no token volume', expected: 'a token volume', ...remaking(group, without) },
      group.of
    )
  }
  for (const { variable, from, what } of written) {
    const expected = account.account?.metadata?.annotations?.[from] ?? ''
    const stale = expected === '' ? [] : staleIn(of, group, variable, expected)
    if (stale.length === 0) continue
    const message = `${share(stale.length, pods.length)} ${stale.length === 1 ? 'was' : 'were'} made before the service account had this ${what}`
    const found = [...new Set(stale.map(each => (each.found === '' ? `no ${variable}` : each.found)))].join(', ')
    return fail(
      'pod-age',
      message,
      {
        found,
        expected,
        ...remaking(
          group,
          stale.map(({ pod }) => pod)
        )
      },
      group.of
    )
  }
  return ok(
    'pod-age',
    `${pods.length === 1 ? 'its pod was' : `all ${pods.length} pods were`} made with the label and the service account as they are`,
    group.of
  )
}

/** What the API server answered a deployment that wanted to make a pod, where the webhook had a part in it (Kubernetes API reference, DeploymentCondition). */
function refusalOf({ kind, workload }: PodGroup): string | undefined {
  if (kind !== 'deployment' || workload === undefined) return undefined
  const failed = conditionsOf(workload).find(
    ({ type, status, reason }) => type === 'ReplicaFailure' && status === 'True' && reason === 'FailedCreate'
  )
  return failed?.message?.includes('azure-workload-identity') === true ? failed.message : undefined
}

/** Pods into which the webhook wrote another value than this, each with what it wrote. */
export function staleIn(
  of: Case,
  group: PodGroup,
  variable: Variable,
  expected: string
): { readonly pod: V1Pod; readonly found: string }[] {
  return group.pods
    .filter(pod => isSelected(of, pod))
    .flatMap(pod => {
      const [found] = writtenIn(group, pod, variable).filter(value => !isSameValue(variable, value, expected))
      return found === undefined ? [] : [{ pod, found }]
    })
}

/** Lines that make such pods anew, for the end of what mends an annotation: a pod keeps what was written into it. */
export function remadeStale(of: Case, variable: Variable, expected: string): string[] {
  return podGroups(of).flatMap(group => {
    const stale = staleIn(of, group, variable, expected)
    return stale.length === 0
      ? []
      : remade(
          group,
          stale.map(({ pod }) => pod)
        )
  })
}

/** The variable's value in each container, empty where it lacks; without those where the template itself sets it, which is no matter of age. */
function writtenIn(group: PodGroup, pod: V1Pod, variable: Variable): string[] {
  return containersWanted(group, pod)
    .filter(({ name }) => templateVariable(group, name, variable) === undefined)
    .flatMap(({ env = [] }) => {
      const set = env.find(({ name }) => name === variable)
      return set?.valueFrom === undefined ? [set?.value ?? ''] : []
    })
}
