import type { Case, ClusterEvidence, PublishedIssuer } from '../evidence/model.js'
import { fail, type Finding, ok, skipped } from './finding.js'
import { republished, usualKeysUrl } from '../fixes/publication.js'
import { aksChecks } from './aks.js'
import { algorithmCheck, keysCheck, rotationCheck, takenAlgorithm } from './issuer-keys.js'
import { issuerProblem } from '../../domain/issuer.js'

const fetched = ['issuer-discovery', 'issuer-keys', 'issuer-rotation'] as const

/**
 * Whether Entra, coming from outside, finds at the issuer what the API server signs with. The algorithm comes before the keys: publishing a key
 * that Entra does not take mends nothing.
 */
export function issuerChecks(cluster: ClusterEvidence): Finding[] {
  const { issuer, aks } = cluster
  const algorithm = algorithmCheck(cluster)
  const blind =
    'unread' in issuer
      ? `the API server's issuer could not be read: ${issuer.unread}`
      : 'value' in aks && aks.value !== null && aks.value.issuer === undefined
        ? 'the OIDC issuer of the AKS cluster is off'
        : undefined
  if (blind !== undefined || 'unread' in issuer) {
    const why = blind ?? ''
    return [skipped('issuer-https', why), algorithm, ...fetched.map(check => skipped(check, why))]
  }
  const https = httpsCheck(issuer.value)
  if (https.outcome === 'fail')
    return [
      https,
      algorithm,
      ...fetched.map(check =>
        skipped(check, 'nobody can follow an issuer that is not https, or that only the cluster knows')
      )
    ]
  const keys = keysCheck(issuer.value, cluster)
  return [
    https,
    algorithm,
    discoveryCheck(issuer.value, cluster.published, cluster),
    keys,
    rotationCheck(cluster, keys)
  ]
}

/** Whether a token that was really minted is by this issuer, signed as Entra wants it, with a key that is published. */
export function tokenIssuerCheck({ cluster, account: { token } }: Case): Finding[] {
  if ('unread' in token) return [skipped('issuer-token', `there is no token to look at: ${token.unread}`)]
  const cause = [...aksChecks(cluster), ...issuerChecks(cluster)].find(
    ({ outcome, check }) => outcome === 'fail' && check !== 'aks-workload-identity'
  )
  if (cause !== undefined) return [skipped('issuer-token', `the cluster's issuer comes first: ${cause.message}`)]
  const { issuer, keyId, algorithm } = token.value
  if ('value' in cluster.issuer && issuer !== cluster.issuer.value) {
    return [
      fail('issuer-token', 'the token is by another issuer than the API server names', {
        found: issuer,
        expected: cluster.issuer.value,
        details: [
          'of several --service-account-issuer, kube-apiserver puts the first into tokens: have all its instances the same ones, in the same order?'
        ]
      })
    ]
  }
  if (algorithm !== takenAlgorithm) {
    return [
      fail('issuer-token', `the token is signed with ${algorithm}, and Entra takes only ${takenAlgorithm}`, {
        found: algorithm,
        expected: takenAlgorithm
      })
    ]
  }
  const keys = cluster.published?.keys
  if (keys === undefined || 'problem' in keys)
    return [ok('issuer-token', `the token is by ${issuer}, signed with ${algorithm}`)]
  if (keys.value.some(({ kid }) => kid === keyId))
    return [
      ok('issuer-token', `the token is by ${issuer}, signed with ${algorithm} and the published key ${keyId ?? ''}`)
    ]
  return [
    fail('issuer-token', `the token is signed with the key ${keyId ?? '(none is named)'}, which is not published`, {
      found: keys.value.map(({ kid }) => kid).join(', ') || '(none)',
      expected: keyId,
      ...republished({ issuer, keysUrl: keys.url, keys: true }, cluster.aks)
    })
  ]
}

/** Kubernetes' own flags: kube-apiserver reference; with several issuers the first is put into tokens, and all are taken. */
const ownIssuer = [
  'where you run the control plane: start kube-apiserver with --service-account-issuer=https://<address that the internet can read> before any other --service-account-issuer, ' +
    'so that new tokens carry it and those under way stay good',
  'and with --service-account-jwks-uri=https://<the same address>/openid/v1/jwks; in kind and kubeadm these are extraArgs of apiServer in the ClusterConfiguration',
  'then publish the discovery document and the key set there: https://azure.github.io/azure-workload-identity/docs/installation/self-managed-clusters/oidc-issuer.html'
]

/** Whether Entra could follow the issuer at all: it is https, and no name that only the cluster or its network knows. */
export function httpsCheck(issuer: string): Finding {
  const problem = issuerProblem(issuer)
  if (problem !== undefined)
    return fail('issuer-https', `the API server's issuer "${issuer}" ${problem}`, {
      found: issuer,
      expected: 'https://…',
      details: ownIssuer
    })
  if (isInternal(new URL(issuer).hostname)) {
    return fail(
      'issuer-https',
      `nobody outside the cluster can reach its issuer ${issuer}, and Entra must fetch its keys from there`,
      { found: issuer, details: ownIssuer }
    )
  }
  return ok('issuer-https', `the issuer ${issuer} is https`)
}

/** Names of the cluster's own DNS, and addresses of private networks (RFC 1918). Not this machine's: that is where a sandbox is. */
function isInternal(host: string): boolean {
  return /(?:^|\.)svc$|\.svc\.|\.cluster\.local$|^10\.[\d.]+$|^192\.168\.[\d.]+$|^172\.(?:1[6-9]|2\d|3[01])\.[\d.]+$/.test(
    host
  )
}

/** Whether the discovery document can be fetched as anybody, is about this very issuer, and leads to a key set. */
export function discoveryCheck(
  issuer: string,
  published: PublishedIssuer | undefined,
  { aks }: Pick<ClusterEvidence, 'aks'>
): Finding {
  if (published === undefined) return skipped('issuer-discovery', "the issuer's discovery document was not looked for")
  const { discovery } = published
  const mend = (keysUrl: string, keys: boolean): ReturnType<typeof republished> =>
    republished({ issuer, discoveryUrl: discovery.url, keysUrl, keys }, aks)
  if ('problem' in discovery) {
    return fail(
      'issuer-discovery',
      `the discovery document ${discovery.url} cannot be fetched: ${discovery.problem}`,
      mend(usualKeysUrl(issuer), true)
    )
  }
  const { issuer: said, jwksUri } = discovery.value
  const leads = typeof jwksUri === 'string' && jwksUri.startsWith('https://') && URL.canParse(jwksUri)
  const keysUrl = leads ? jwksUri : usualKeysUrl(issuer)
  if (said !== issuer) {
    const what = typeof said === 'string' ? 'is about another issuer' : 'names no issuer'
    return fail('issuer-discovery', `the discovery document ${discovery.url} ${what}: Entra compares every character`, {
      found: shown(said),
      expected: issuer,
      ...mend(keysUrl, !leads)
    })
  }
  if (!leads) {
    return fail('issuer-discovery', `the discovery document ${discovery.url} leads to no key set`, {
      found: `jwks_uri ${shown(jwksUri)}`,
      expected: `jwks_uri ${keysUrl}`,
      ...mend(keysUrl, true)
    })
  }
  return ok('issuer-discovery', `the discovery document ${discovery.url} can be fetched, and is about this issuer`)
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '(missing)' : JSON.stringify(value)
