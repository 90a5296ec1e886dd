import type { V1Pod } from '@kubernetes/client-node'
import { annotation, tokenExpirationSeconds } from '../../domain/annotations.js'
import type { Evidence } from '../evidence/model.js'
import { containersToInject, countPods, type PodGroup } from '../evidence/pod-group.js'
import { azureTokensOf, containersOf, hasAzureToken, tokenFilePaths, usesTokenProxy } from '../evidence/pod-spec.js'
import { fail, type Finding, ok, skipped, warn } from '../finding.js'
import { patchTemplateFix, recreatePodsFix } from '../fixes/pod.js'
import { isValidExpiration, noTokenPodReason } from './webhook-selection.js'

/** Checks that every container of the pods has a token for Azure with the right audience and lifetime. */
export function tokenVolumeCheck(evidence: Evidence, group: PodGroup): Finding {
  const { audience } = evidence.account
  const { pods, template } = group
  const expiration = template?.annotations[annotation.tokenExpiration]
  if (!isValidExpiration(expiration)) {
    const { minimum, maximum } = tokenExpirationSeconds
    const patch = { metadata: { annotations: { [annotation.tokenExpiration]: null } } }
    return fail(
      'pod-token-volume',
      `its template asks for a token of ${JSON.stringify(expiration)} seconds: the webhook refuses its pods`,
      {
        found: expiration,
        expected: `${minimum} to ${maximum}`,
        ...patchTemplateFix(group, patch, `no annotation ${annotation.tokenExpiration}`)
      },
      group.kubectlName
    )
  }
  const podsWithToken = pods.filter(pod => hasAzureToken(pod, audience))
  if (podsWithToken.length === 0)
    return skipped('pod-token-volume', noTokenPodReason(evidence, group), group.kubectlName)
  const unmounted = podsWithToken.flatMap(pod => {
    const tokens = azureTokensOf(pod.spec, audience)
    return containersToInject(group, pod)
      .filter(container => tokenFilePaths(container, tokens).length === 0)
      .map(({ name }) => name)
  })
  return (
    audienceFinding(evidence, group, podsWithToken) ??
    mountFinding(group, unmounted) ??
    expirationFinding(evidence, group, podsWithToken) ??
    ok(
      'pod-token-volume',
      `${podsWithToken.length === 1 ? 'its pod has' : `${podsWithToken.length} pods have`} a token for ${audience}`,
      group.kubectlName
    )
  )
}

function audienceFinding(
  { account: { audience } }: Evidence,
  group: PodGroup,
  podsWithToken: readonly V1Pod[]
): Finding | undefined {
  const others = podsWithToken.filter(
    pod =>
      !containersOf(pod.spec).some(usesTokenProxy) &&
      !azureTokensOf(pod.spec, audience).some(token => token.audience === audience)
  )
  const [token] = others.flatMap(pod => azureTokensOf(pod.spec, audience))
  if (token === undefined) return undefined
  const found = token.audience ?? 'the API server (no audience)'
  const message = `the token of ${countPods(others.length, group.pods.length)} is for another audience`
  const ofTemplate =
    group.workload === undefined ? undefined : group.template?.spec?.volumes?.find(({ name }) => name === token.volume)
  if (ofTemplate?.projected?.sources !== undefined) {
    // A strategic merge patch replaces the whole list of sources.
    const sources = ofTemplate.projected.sources.map((source): object =>
      source.serviceAccountToken?.path === token.path
        ? { serviceAccountToken: Object.assign({}, source.serviceAccountToken, { audience }) }
        : source
    )
    return fail(
      'pod-token-volume',
      `${message}: its template has a volume of its own, which the webhook keeps`,
      {
        found,
        expected: audience,
        ...patchTemplateFix(
          group,
          { spec: { volumes: [{ name: token.volume, projected: { sources } }] } },
          `the audience ${audience}`,
          'strategic'
        )
      },
      group.kubectlName
    )
  }
  const { fix = [], details = [] } = recreatePodsFix(group, others)
  return fail(
    'pod-token-volume',
    message,
    {
      found,
      expected: audience,
      fix,
      details: [...details, 'if new pods have it too, it is the flag --audience of azure-wi-webhook-controller-manager']
    },
    group.kubectlName
  )
}

function mountFinding(group: PodGroup, containers: readonly string[]): Finding | undefined {
  if (containers.length === 0) return undefined
  const names = [...new Set(containers)].join(', ')
  return fail(
    'pod-token-volume',
    `the token is not mounted in ${names}`,
    { found: 'no mount', expected: `a mount in ${names}`, ...recreatePodsFix(group) },
    group.kubectlName
  )
}

/**
 * Compares the token lifetime with the annotations: that of the pod takes precedence over that of the service account (pkg/webhook/webhook.go).
 * Ignores volumes of the template, because the webhook does not set their lifetime.
 */
function expirationFinding(
  { account }: Evidence,
  group: PodGroup,
  podsWithToken: readonly V1Pod[]
): Finding | undefined {
  const ofAccount = account.account?.metadata?.annotations?.[annotation.tokenExpiration] ?? ''
  if (account.account === undefined || !isValidExpiration(ofAccount)) return undefined
  const stale = podsWithToken.flatMap(pod => {
    const ofPod = (group.template ?? pod.metadata)?.annotations?.[annotation.tokenExpiration] ?? ''
    const expected = Number([ofPod, ofAccount].find(text => text !== '') ?? tokenExpirationSeconds.default)
    const ofTemplate = group.workload && group.template?.spec?.volumes
    const token = azureTokensOf(pod.spec, account.audience).find(
      ({ volume }) => !ofTemplate?.some(({ name }) => name === volume)
    )
    return token?.expirationSeconds === undefined || token.expirationSeconds === expected
      ? []
      : [{ pod, found: token.expirationSeconds, expected }]
  })
  const [first] = stale
  if (first === undefined) return undefined
  const message = `the token of ${countPods(stale.length, group.pods.length)} lives for ${first.found} seconds, not the ${first.expected} that are asked for now`
  return warn(
    'pod-token-volume',
    message,
    {
      found: String(first.found),
      expected: String(first.expected),
      ...recreatePodsFix(
        group,
        stale.map(({ pod }) => pod)
      )
    },
    group.kubectlName
  )
}
