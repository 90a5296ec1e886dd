import type { Case, ClusterEvidence } from '../evidence.js'
import { fail, ok, skipped, type Finding } from '../finding.js'
import { republished } from '../publication.js'
import { aksChecks } from './aks.js'
import { discoveryCheck, httpsCheck } from './issuer-documents.js'
import { algorithmCheck, keysCheck, rotationCheck, takenAlgorithm } from './issuer-keys.js'

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
