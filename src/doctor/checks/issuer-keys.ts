import type { ClusterEvidence, SigningKeySummary } from '../evidence/model.js'
import { fail, type Finding, ok, skipped, warn } from './finding.js'
import { republished } from '../fixes/publication.js'

/** Of a token that is signed otherwise, Entra says AADSTS5002738. Source: Entra's documentation, "supported signing algorithms and issuers". */
export const takenAlgorithm = 'RS256'

const isTaken = ({ kty, alg }: SigningKeySummary): boolean =>
  alg === undefined ? kty === 'RSA' : alg === takenAlgorithm
const named = (keys: readonly SigningKeySummary[]): string =>
  keys.length === 0 ? '(none)' : keys.map(({ kid, kty, alg }) => `${kid} (${alg ?? kty})`).join(', ')
const counted = (keys: readonly unknown[]): string => (keys.length === 1 ? '1 key' : `${keys.length} keys`)

const newKey = [
  'where you run the control plane: make an RSA key (openssl genrsa -out sa.key 2048; openssl rsa -in sa.key -pubout -out sa.pub), start kube-apiserver with ' +
    '--service-account-signing-key-file=sa.key and --service-account-key-file=sa.pub before the old --service-account-key-file, and kube-controller-manager with ' +
    '--service-account-private-key-file=sa.key',
  'then publish the new key set, and restart the pods: a token keeps the key that it was signed with'
]

/**
 * Whether the API server signs as Entra wants it. The first of its keys counts as the one that signs: its key set does not say which one does, and
 * lists them in the order of its flags. Another key beside it is on its way in or out, so it is a warning; what a token is really signed with is
 * for the check of the token.
 */
export function algorithmCheck({ keys }: Pick<ClusterEvidence, 'keys'>): Finding {
  if ('unread' in keys) return skipped('issuer-algorithm', `the API server's keys could not be read: ${keys.unread}`)
  const [first] = keys.value
  if (first === undefined) return skipped('issuer-algorithm', 'the API server shows no keys')
  const others = keys.value.filter(key => !isTaken(key))
  if (!isTaken(first)) {
    return fail(
      'issuer-algorithm',
      `the API server signs with ${first.alg ?? first.kty}, and Entra takes only ${takenAlgorithm}`,
      {
        found: named(keys.value),
        expected: takenAlgorithm,
        details: newKey
      }
    )
  }
  if (others.length > 0) {
    return warn(
      'issuer-algorithm',
      `the API server also has ${counted(others)} that Entra takes no tokens of: it takes only ${takenAlgorithm}`,
      {
        found: named(others),
        expected: takenAlgorithm
      }
    )
  }
  return ok('issuer-algorithm', `the API server signs with ${takenAlgorithm}`)
}

/** Whether whoever follows the issuer finds each key that the API server may have signed with; those that Entra does not take are left aside. */
export function keysCheck(issuer: string, { keys, published, aks }: ClusterEvidence): Finding {
  if (published?.keys === undefined)
    return skipped('issuer-keys', "no discovery document leads to the issuer's key set")
  const set = published.keys
  const mend = republished({ issuer, keysUrl: set.url, keys: true }, aks)
  if ('problem' in set) return fail('issuer-keys', `the key set ${set.url} cannot be fetched: ${set.problem}`, mend)
  if ('unread' in keys)
    return skipped(
      'issuer-keys',
      `the API server's own keys could not be read, so there is nothing to compare: ${keys.unread}`
    )
  const wanted = keys.value.filter(isTaken)
  if (wanted.length === 0)
    return skipped('issuer-keys', `the API server has no ${takenAlgorithm} key that could be published`)
  const missing = wanted.filter(({ kid }) => !set.value.some(key => key.kid === kid))
  if (missing.length > 0) {
    return fail(
      'issuer-keys',
      `the key set ${set.url} lacks ${counted(missing)} of the API server: ${missing.map(({ kid }) => kid).join(', ')}`,
      {
        found: named(set.value),
        expected: named(keys.value),
        ...mend,
        details: [
          ...(mend.details ?? []),
          'Entra goes on with the keys that it fetched before: half an hour has been seen'
        ]
      }
    )
  }
  return ok(
    'issuer-keys',
    `the key set ${set.url} holds ${wanted.length === 1 ? `the API server's key ${wanted[0]?.kid ?? ''}` : `all ${wanted.length} keys of the API server`}`
  )
}

/**
 * Tells of a rotation. A published key that the API server has no more is as it should be for a while, since tokens that it signed live on for up
 * to 24 hours, and AKS and EKS publish keys ahead and behind of their use: so it is told, and is no fault. Nothing says how long it has been so.
 */
export function rotationCheck({ keys, published }: ClusterEvidence, keysFinding: Finding): Finding {
  if (keysFinding.outcome !== 'ok')
    return skipped('issuer-rotation', 'the two key sets could not be compared, or differ already')
  if (published?.keys === undefined || 'problem' in published.keys || 'unread' in keys)
    return skipped('issuer-rotation', 'there is nothing to compare')
  const old = published.keys.value.filter(({ kid }) => !keys.value.some(key => key.kid === kid))
  if (old.length > 0) {
    const kids = old.map(({ kid }) => kid).join(', ')
    const what = `${counted(old)} that the API server does not have now ${old.length === 1 ? 'is' : 'are'} published as well (${kids})`
    return ok('issuer-rotation', `${what}, as during a rotation: tokens live for up to 24 hours`)
  }
  return ok(
    'issuer-rotation',
    keys.value.length > 1
      ? `a rotation is under way: the API server has ${keys.value.length} keys, all published`
      : 'no rotation is under way'
  )
}
