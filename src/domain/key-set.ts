import { createHash, type KeyObject } from 'node:crypto'
import { exportJWK, type JWK } from 'jose'
import { AzwiError } from '../errors.js'
import { subjectPublicKeyInfo } from './public-key-encoding.js'

interface CommonMembers {
  readonly use: 'sig'
  readonly kid: string
  readonly alg: SignatureAlgorithm
}

export interface RsaJwk extends CommonMembers {
  readonly kty: 'RSA'
  readonly n: string
  readonly e: string
}

export interface EcJwk extends CommonMembers {
  readonly kty: 'EC'
  readonly crv: string
  readonly x: string
  readonly y: string
}

export type PublicJwk = RsaJwk | EcJwk

export interface KeySet {
  readonly keys: readonly PublicJwk[]
}

/**
 * The `kid` that Kubernetes puts into the header of a token signed with this key: base64url, without padding, of the SHA-256 of its
 * SubjectPublicKeyInfo in DER (kubernetes/pkg/serviceaccount, `keyIDFromPublicKey`).
 *
 * @throws AzwiError for a key that is neither RSA nor EC
 */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(subjectPublicKeyInfo(publicKey.export({ format: 'jwk' })))
    .digest('base64url')
}

/**
 * The key set to publish for these public keys, in their order; of equal keys the first counts. The members of each stand in the order in
 * which the Go azwi and Kubernetes write them.
 *
 * @throws AzwiError for a key that Kubernetes does not sign with
 */
export async function keySet(publicKeys: readonly KeyObject[]): Promise<KeySet> {
  const byKeyId = new Map<string, KeyObject>()
  for (const key of publicKeys) {
    const id = keyId(key)
    if (!byKeyId.has(id)) byKeyId.set(id, key)
  }
  return { keys: await Promise.all([...byKeyId].map(([id, key]) => publicJwk(key, id))) }
}

/** A key set as the text of a file: JSON indented by two, with a line feed at the end. */
export function keySetText(set: KeySet): string {
  return `${JSON.stringify(set, undefined, 2)}\n`
}

async function publicJwk(key: KeyObject, kid: string): Promise<PublicJwk> {
  const found = signatureAlgorithm(key)
  if ('problem' in found) throw new AzwiError('UnsupportedKey', `the key ${kid} ${found.problem}`)
  const alg = found.algorithm
  const jwk = await exportJWK(key)
  if (alg === 'RS256') return { use: 'sig', kty: 'RSA', kid, alg, n: member(jwk, 'n'), e: member(jwk, 'e') }
  return { use: 'sig', kty: 'EC', kid, alg, crv: member(jwk, 'crv'), x: member(jwk, 'x'), y: member(jwk, 'y') }
}

function member(jwk: JWK, name: 'n' | 'e' | 'crv' | 'x' | 'y'): string {
  const value = jwk[name]
  if (value === undefined) throw new AzwiError('IncompleteKey', `a key came without its member ${name}`)
  return value
}

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
