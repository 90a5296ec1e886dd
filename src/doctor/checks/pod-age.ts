import { annotation } from '../../identity/annotations.js'
import type { Case } from '../evidence.js'
import { fail, ok, skipped, type Finding } from '../finding.js'
import { remaking } from './pod-fix.js'
import { conditionsOf, lacksToken, share, type PodGroup } from './pod-group.js'
import { staleIn } from './pod-stale.js'
import { isExpiration, whyNoTokens } from './webhook-state.js'

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
