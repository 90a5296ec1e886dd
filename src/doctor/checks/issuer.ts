import type { Evidence, ClusterEvidence, PublishedIssuer } from '../evidence/model.js'
import { fail, type Finding, ok, skipped } from '../finding.js'
import { republishFix, usualKeysUrl } from '../fixes/publication.js'
import { aksChecks } from './aks.js'
import { algorithmCheck, keysCheck, rotationCheck } from './issuer-keys.js'
import { acceptedAlgorithm, issuerProblem } from '../../domain/issuer.js'

/** The checks that need the published documents. */
const fetchedChecks = ['issuer-discovery', 'issuer-keys', 'issuer-rotation'] as const

/**
 * Checks that Entra can follow the issuer to the keys that the API server signs with. The algorithm comes before the keys, because publishing a key
 * that Entra does not accept fixes nothing.
 */
export function issuerChecks(cluster: ClusterEvidence): Finding[] {
  const { issuer, aks } = cluster
  const algorithm = algorithmCheck(cluster)
  const skipReason =
    'unread' in issuer
      ? `the API server's issuer could not be read: ${issuer.unread}`
      : 'value' in aks && aks.value !== null && aks.value.issuer === undefined
        ? 'the OIDC issuer of the AKS cluster is off'
        : undefined
  if (skipReason !== undefined || 'unread' in issuer) {
    const reason = skipReason ?? ''
    return [skipped('issuer-https', reason), algorithm, ...fetchedChecks.map(check => skipped(check, reason))]
  }
  const https = httpsCheck(issuer.value)
  if (https.outcome === 'fail')
    return [
      https,
      algorithm,
      ...fetchedChecks.map(check =>
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

/** Checks a token from the API server: its issuer, its algorithm, and that its key is published. */
export function tokenIssuerCheck({ cluster, account: { token } }: Evidence): Finding[] {
  if ('unread' in token) return [skipped('issuer-token', `there is no token to look at: ${token.unread}`)]
  const causeInCluster = [...aksChecks(cluster), ...issuerChecks(cluster)].find(
    ({ outcome, check }) => outcome === 'fail' && check !== 'aks-workload-identity'
  )
  if (causeInCluster !== undefined)
    return [skipped('issuer-token', `the cluster's issuer comes first: ${causeInCluster.message}`)]
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
  if (algorithm !== acceptedAlgorithm) {
    return [
      fail('issuer-token', `the token is signed with ${algorithm}, and Entra takes only ${acceptedAlgorithm}`, {
        found: algorithm,
        expected: acceptedAlgorithm
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
      ...republishFix({ issuer, keysUrl: keys.url, keys: true }, cluster.aks)
    })
  ]
}

/** Source of the flags: kube-apiserver reference. Of several issuers, tokens carry the first, and the API server accepts all. */
const changeIssuerInstructions = [
  'where you run the control plane: start kube-apiserver with --service-account-issuer=https://<address that the internet can read> before any other --service-account-issuer, ' +
    'so that new tokens carry it and those under way stay good',
  'and with --service-account-jwks-uri=https://<the same address>/openid/v1/jwks; in kind and kubeadm these are extraArgs of apiServer in the ClusterConfiguration',
  'then publish the discovery document and the key set there: https://azure.github.io/azure-workload-identity/docs/installation/self-managed-clusters/oidc-issuer.html'
]

/** Checks that the issuer is an https URL whose host is not internal to the cluster or its network. */
export function httpsCheck(issuer: string): Finding {
  const problem = issuerProblem(issuer)
  if (problem !== undefined)
    return fail('issuer-https', `the API server's issuer "${issuer}" ${problem}`, {
      found: issuer,
      expected: 'https://…',
      details: changeIssuerInstructions
    })
  if (isInternal(new URL(issuer).hostname)) {
    return fail(
      'issuer-https',
      `nobody outside the cluster can reach its issuer ${issuer}, and Entra must fetch its keys from there`,
      { found: issuer, details: changeIssuerInstructions }
    )
  }
  return ok('issuer-https', `the issuer ${issuer} is https`)
}

/** Reports whether a host is in the cluster's DNS or in a private network (RFC 1918). Loopback addresses are not, because the sandbox uses them. */
function isInternal(host: string): boolean {
  return /(?:^|\.)svc$|\.svc\.|\.cluster\.local$|^10\.[\d.]+$|^192\.168\.[\d.]+$|^172\.(?:1[6-9]|2\d|3[01])\.[\d.]+$/.test(
    host
  )
}

/** Checks that an anonymous client can fetch the discovery document, and that it names exactly this issuer and a key set. */
export function discoveryCheck(
  issuer: string,
  published: PublishedIssuer | undefined,
  { aks }: Pick<ClusterEvidence, 'aks'>
): Finding {
  if (published === undefined) return skipped('issuer-discovery', "the issuer's discovery document was not looked for")
  const { discovery } = published
  const fixWith = (keysUrl: string, keys: boolean): ReturnType<typeof republishFix> =>
    republishFix({ issuer, discoveryUrl: discovery.url, keysUrl, keys }, aks)
  if ('problem' in discovery) {
    return fail(
      'issuer-discovery',
      `the discovery document ${discovery.url} cannot be fetched: ${discovery.problem}`,
      fixWith(usualKeysUrl(issuer), true)
    )
  }
  const { issuer: namedIssuer, jwksUri } = discovery.value
  const hasKeysUrl = typeof jwksUri === 'string' && jwksUri.startsWith('https://') && URL.canParse(jwksUri)
  const keysUrl = hasKeysUrl ? jwksUri : usualKeysUrl(issuer)
  if (namedIssuer !== issuer) {
    const problem = typeof namedIssuer === 'string' ? 'is about another issuer' : 'names no issuer'
    return fail(
      'issuer-discovery',
      `the discovery document ${discovery.url} ${problem}: Entra compares every character`,
      {
        found: shown(namedIssuer),
        expected: issuer,
        ...fixWith(keysUrl, !hasKeysUrl)
      }
    )
  }
  if (!hasKeysUrl) {
    return fail('issuer-discovery', `the discovery document ${discovery.url} leads to no key set`, {
      found: `jwks_uri ${shown(jwksUri)}`,
      expected: `jwks_uri ${keysUrl}`,
      ...fixWith(keysUrl, true)
    })
  }
  return ok('issuer-discovery', `the discovery document ${discovery.url} can be fetched, and is about this issuer`)
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '(missing)' : JSON.stringify(value)
