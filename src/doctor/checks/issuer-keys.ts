import type { ClusterEvidence, SigningKeySummary } from '../evidence/model.js'
import { acceptedAlgorithm } from '../../domain/issuer.js'
import { fail, type Finding, ok, skipped, warn } from '../finding.js'
import { republishFix } from '../fixes/publication.js'

const isAccepted = ({ kty, alg }: SigningKeySummary): boolean =>
  alg === undefined ? kty === 'RSA' : alg === acceptedAlgorithm
const listKeys = (keys: readonly SigningKeySummary[]): string =>
  keys.length === 0 ? '(none)' : keys.map(({ kid, kty, alg }) => `${kid} (${alg ?? kty})`).join(', ')
const countKeys = (keys: readonly unknown[]): string => (keys.length === 1 ? '1 key' : `${keys.length} keys`)

const newKeyInstructions = [
  'where you run the control plane: create an RSA key (openssl genrsa -out sa.key 2048; openssl rsa -in sa.key -pubout -out sa.pub), start kube-apiserver with ' +
    '--service-account-signing-key-file=sa.key and --service-account-key-file=sa.pub before the old --service-account-key-file, and kube-controller-manager with ' +
    '--service-account-private-key-file=sa.key',
  'then publish the new key set, and restart the pods: a token keeps the key that it was signed with'
]

/**
 * Checks that the API server signs with the algorithm that Entra accepts. The key set does not show which key signs. It lists the keys in the order
 * of the flags, so the check takes the first one. Another key might be in rotation, so it is only a warning. The check `issuer-token` looks at the
 * key of a real token.
 */
export function algorithmCheck({ keys }: Pick<ClusterEvidence, 'keys'>): Finding {
  if ('unread' in keys) return skipped('issuer-algorithm', `the API server's keys could not be read: ${keys.unread}`)
  const [first] = keys.value
  if (first === undefined) return skipped('issuer-algorithm', 'the API server shows no keys')
  const others = keys.value.filter(key => !isAccepted(key))
  if (!isAccepted(first)) {
    return fail(
      'issuer-algorithm',
      `the API server signs with ${first.alg ?? first.kty}, and Entra takes only ${acceptedAlgorithm}`,
      {
        found: listKeys(keys.value),
        expected: acceptedAlgorithm,
        details: newKeyInstructions
      }
    )
  }
  if (others.length > 0) {
    return warn(
      'issuer-algorithm',
      `the API server also has ${countKeys(others)} that Entra takes no tokens of: it takes only ${acceptedAlgorithm}`,
      {
        found: listKeys(others),
        expected: acceptedAlgorithm
      }
    )
  }
  return ok('issuer-algorithm', `the API server signs with ${acceptedAlgorithm}`)
}

/** Checks that the published key set has every key of the API server. Ignores keys with an algorithm that Entra does not accept. */
export function keysCheck(issuer: string, { keys, published, aks }: ClusterEvidence): Finding {
  if (published?.keys === undefined)
    return skipped('issuer-keys', "no discovery document leads to the issuer's key set")
  const keySet = published.keys
  const fix = republishFix({ issuer, keysUrl: keySet.url, keys: true }, aks)
  if ('problem' in keySet)
    return fail('issuer-keys', `the key set ${keySet.url} cannot be fetched: ${keySet.problem}`, fix)
  if ('unread' in keys)
    return skipped(
      'issuer-keys',
      `the API server's own keys could not be read, so there is nothing to compare: ${keys.unread}`
    )
  const wanted = keys.value.filter(isAccepted)
  if (wanted.length === 0)
    return skipped('issuer-keys', `the API server has no ${acceptedAlgorithm} key that could be published`)
  const missing = wanted.filter(({ kid }) => !keySet.value.some(key => key.kid === kid))
  if (missing.length > 0) {
    return fail(
      'issuer-keys',
      `the key set ${keySet.url} lacks ${countKeys(missing)} of the API server: ${missing.map(({ kid }) => kid).join(', ')}`,
      {
        found: listKeys(keySet.value),
        expected: listKeys(keys.value),
        ...fix,
        details: [
          ...(fix.details ?? []),
          'Entra goes on with the keys that it fetched before: half an hour has been seen'
        ]
      }
    )
  }
  return ok(
    'issuer-keys',
    `the key set ${keySet.url} holds ${wanted.length === 1 ? `the API server's key ${wanted[0]?.kid ?? ''}` : `all ${wanted.length} keys of the API server`}`
  )
}

/**
 * Reports whether a key rotation is in progress. It never fails: a published key that the API server no longer has is normal, because tokens that it
 * signed live for up to 24 hours, and AKS and EKS publish keys before and after they use them. The evidence does not show for how long.
 */
export function rotationCheck({ keys, published }: ClusterEvidence, keysFinding: Finding): Finding {
  if (keysFinding.outcome !== 'ok')
    return skipped('issuer-rotation', 'the two key sets could not be compared, or differ already')
  if (published?.keys === undefined || 'problem' in published.keys || 'unread' in keys)
    return skipped('issuer-rotation', 'there is nothing to compare')
  const retired = published.keys.value.filter(({ kid }) => !keys.value.some(key => key.kid === kid))
  if (retired.length > 0) {
    const kids = retired.map(({ kid }) => kid).join(', ')
    const subject = `${countKeys(retired)} that the API server does not have now ${retired.length === 1 ? 'is' : 'are'} published as well (${kids})`
    return ok('issuer-rotation', `${subject}, as during a rotation: tokens live for up to 24 hours`)
  }
  return ok(
    'issuer-rotation',
    keys.value.length > 1
      ? `a rotation is under way: the API server has ${keys.value.length} keys, all published`
      : 'no rotation is under way'
  )
}
