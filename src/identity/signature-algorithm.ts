import type { KeyObject } from 'node:crypto'

export type SignatureAlgorithm = 'RS256' | 'ES256' | 'ES384' | 'ES512'

/** RFC 7518, section 3.3: RS256 MUST NOT be used with less. `jose` and others refuse to verify with less. */
const shortestRsaKey = 2048

/** Kubernetes signs with these curves and no others (pkg/serviceaccount, `algorithmFromPublicKey`). The names are OpenSSL's. */
const curves: Readonly<Record<string, SignatureAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512'
}

/**
 * The algorithm that Kubernetes signs tokens with when it holds this key, as `{ algorithm }`; or, where there is none, `{ problem }`: the
 * end of a sentence that begins with the place of the key. RSA-PSS and Ed25519 keys are no keys to Kubernetes or Entra.
 */
export function signatureAlgorithm(
  key: KeyObject
): { readonly algorithm: SignatureAlgorithm } | { readonly problem: string } {
  const details = key.asymmetricKeyDetails
  if (key.asymmetricKeyType === 'rsa') {
    const bits = details?.modulusLength ?? 0
    if (bits >= shortestRsaKey) return { algorithm: 'RS256' }
    return { problem: `is an RSA key of ${bits} bits, and RS256 needs ${shortestRsaKey} or more (RFC 7518)` }
  }
  if (key.asymmetricKeyType === 'ec') {
    const algorithm = curves[details?.namedCurve ?? '']
    if (algorithm !== undefined) return { algorithm }
    return {
      problem: `is an EC key on the curve ${details?.namedCurve ?? 'of its own parameters'}, and Kubernetes signs only with P-256, P-384 and P-521`
    }
  }
  return {
    problem: `is a key of type ${key.asymmetricKeyType ?? 'unknown'}, and Kubernetes signs service account tokens only with RSA and EC keys`
  }
}
