import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node'
import { annotation, tokenExpirationSeconds } from '../../domain/annotations.js'
import type { Case } from '../evidence/model.js'
import { fail, type Finding, ok, skipped, warn } from './finding.js'
import { mending, remaking } from '../fixes/pod.js'
import { containersOf, containersWanted, lacksToken, type PodGroup, share, whyUnseen } from './pod-group.js'
import { isExpiration } from './webhook-selection.js'

/** Whether the pods have a token for Azure, long enough, in every container. */
export function tokenVolumeCheck(of: Case, group: PodGroup): Finding {
  const { audience } = of.account
  const { pods, template } = group
  const asked = template?.annotations[annotation.tokenExpiration]
  if (!isExpiration(asked)) {
    const { minimum, maximum } = tokenExpirationSeconds
    const without = { metadata: { annotations: { [annotation.tokenExpiration]: null } } }
    return fail(
      'pod-token-volume',
      `its template asks for a token of ${JSON.stringify(asked)} seconds: the webhook refuses its pods`,
      {
        found: asked,
        expected: `${minimum} to ${maximum}`,
        ...mending(group, without, `no annotation ${annotation.tokenExpiration}`)
      },
      group.of
    )
  }
  const changed = pods.filter(pod => !lacksToken(pod, audience))
  if (changed.length === 0) return skipped('pod-token-volume', whyUnseen(of, group), group.of)
  const unmounted = changed.flatMap(pod => {
    const tokens = tokensOf(pod.spec, audience)
    return containersWanted(group, pod)
      .filter(each => tokenFiles(each, tokens).length === 0)
      .map(({ name }) => name)
  })
  return (
    wrongAudience(of, group, changed) ??
    notMounted(group, unmounted) ??
    wrongExpiration(of, group, changed) ??
    ok(
      'pod-token-volume',
      `${changed.length === 1 ? 'its pod has' : `${changed.length} pods have`} a token for ${audience}`,
      group.of
    )
  )
}

function wrongAudience(
  { account: { audience } }: Case,
  group: PodGroup,
  changed: readonly V1Pod[]
): Finding | undefined {
  const others = changed.filter(
    pod =>
      !containersOf(pod.spec).some(hasOwnEndpoint) &&
      !tokensOf(pod.spec, audience).some(token => token.audience === audience)
  )
  const [token] = others.flatMap(pod => tokensOf(pod.spec, audience))
  if (token === undefined) return undefined
  const found = token.audience ?? 'the API server (no audience)'
  const message = `the token of ${share(others.length, group.pods.length)} is for another audience`
  const own =
    group.workload === undefined ? undefined : group.template?.spec?.volumes?.find(({ name }) => name === token.volume)
  if (own?.projected?.sources !== undefined) {
    // The list of sources is replaced as a whole.
    const sources = own.projected.sources.map((source): object =>
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
        ...mending(
          group,
          { spec: { volumes: [{ name: token.volume, projected: { sources } }] } },
          `the audience ${audience}`,
          'strategic'
        )
      },
      group.of
    )
  }
  const { fix = [], details = [] } = remaking(group, others)
  return fail(
    'pod-token-volume',
    message,
    {
      found,
      expected: audience,
      fix,
      details: [
        ...details,
        'where new pods have it too, it is the flag --audience of azure-wi-webhook-controller-manager'
      ]
    },
    group.of
  )
}

function notMounted(group: PodGroup, containers: readonly string[]): Finding | undefined {
  if (containers.length === 0) return undefined
  const names = [...new Set(containers)].join(', ')
  return fail(
    'pod-token-volume',
    `the token is not mounted in ${names}`,
    { found: 'no mount', expected: `a mount in ${names}`, ...remaking(group) },
    group.of
  )
}

/** The pod's annotation counts before the service account's (pkg/webhook/webhook.go). A volume of the template's own may have what it wants. */
function wrongExpiration({ account }: Case, group: PodGroup, changed: readonly V1Pod[]): Finding | undefined {
  const ofAccount = account.account?.metadata?.annotations?.[annotation.tokenExpiration] ?? ''
  if (account.account === undefined || !isExpiration(ofAccount)) return undefined
  const stale = changed.flatMap(pod => {
    const ofPod = (group.template ?? pod.metadata)?.annotations?.[annotation.tokenExpiration] ?? ''
    const expected = Number([ofPod, ofAccount].find(text => text !== '') ?? tokenExpirationSeconds.default)
    const own = group.workload && group.template?.spec?.volumes
    const token = tokensOf(pod.spec, account.audience).find(({ volume }) => !own?.some(({ name }) => name === volume))
    return token?.expirationSeconds === undefined || token.expirationSeconds === expected
      ? []
      : [{ pod, found: token.expirationSeconds, expected }]
  })
  const [first] = stale
  if (first === undefined) return undefined
  const message = `the token of ${share(stale.length, group.pods.length)} lives for ${first.found} seconds, not the ${first.expected} that are asked for now`
  return warn(
    'pod-token-volume',
    message,
    {
      found: String(first.found),
      expected: String(first.expected),
      ...remaking(
        group,
        stale.map(({ pod }) => pod)
      )
    },
    group.of
  )
}

/** A token of the service account that the kubelet writes into a volume. */
export interface ProjectedToken {
  readonly volume: string
  readonly audience: string | undefined
  readonly expirationSeconds: number | undefined
  readonly path: string
}

/** The file's own name in every version of the webhook (Azure/azure-workload-identity, pkg/webhook/consts.go). */
const fileName = 'azure-identity-token'

/** The pod's tokens that are for Azure: by audience, or by the name that the webhook gives the file. The one for the API server is not among them. */
export function tokensOf(spec: V1PodSpec | undefined, audience: string): ProjectedToken[] {
  return (spec?.volumes ?? []).flatMap(({ name, projected }) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken: token }) => {
      const isOurs = token !== undefined && (token.audience === audience || token.path.split('/').at(-1) === fileName)
      return isOurs
        ? [{ volume: name, audience: token.audience, expirationSeconds: token.expirationSeconds, path: token.path }]
        : []
    })
  )
}

/** Where a container finds these tokens. */
export function tokenFiles({ volumeMounts = [] }: V1Container, tokens: readonly ProjectedToken[]): string[] {
  return tokens.flatMap(({ volume, path }) =>
    volumeMounts
      .filter(({ name }) => name === volume)
      .map(({ mountPath, subPath }) => (subPath === path ? mountPath : `${mountPath.replace(/\/+$/, '')}/${path}`))
  )
}

/**
 * Token files as versions of the webhook have had them: /var/run/secrets/tokens until 2022 (azure-workload-identity PR 360),
 * /var/run/secrets/azure/tokens up to v1.5, /var/run/secrets/azure/wi/token in v1.6.0 (PR 1720), then with a hash in between (PR 1749).
 */
export const tokenFilePattern =
  /\/var\/run\/secrets\/(?:azure\/)?(?:tokens|wi(?:\/[0-9a-f]+)?\/token)\/azure-identity-token/

/** Whether another endpoint than Entra takes the token, which then is for another audience (azure-workload-identity PR 1720; AKS identity bindings). */
export function hasOwnEndpoint({ env = [] }: V1Container): boolean {
  return env.some(({ name }) => name === 'AZURE_KUBERNETES_TOKEN_PROXY' || name === 'AZURE_KUBERNETES_TOKEN_ENDPOINT')
}
