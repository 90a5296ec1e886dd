import { createHash, type KeyObject } from 'node:crypto'
import { exportJWK, type JWK } from 'jose'
import { AzwiError } from '../errors.js'
import { subjectPublicKeyInfo } from './public-key-encoding.js'

interface CommonMembers {
  readonly use: 'sig'
  readonly kid: string
  readonly alg: SignatureAlgorithm
}

/** The public part of an RSA key, as in RFC 7518, section 6.3.1. */
interface RsaJwk extends CommonMembers {
  readonly kty: 'RSA'
  readonly n: string
  readonly e: string
}

/** The public part of an EC key, as in RFC 7518, section 6.2.1. */
interface EcJwk extends CommonMembers {
  readonly kty: 'EC'
  readonly crv: string
  readonly x: string
  readonly y: string
}

/** A public key that Kubernetes can sign tokens with. */
export type PublicJwk = RsaJwk | EcJwk

/** A JSON Web Key Set, as in RFC 7517, section 5. */
export interface KeySet {
  readonly keys: readonly PublicJwk[]
}

/**
 * Returns the `kid` that Kubernetes puts into the header of a token signed with this key: the SHA-256 of its SubjectPublicKeyInfo in DER,
 * in base64url without padding. Source: kubernetes/pkg/serviceaccount, `keyIDFromPublicKey`.
 *
 * @throws AzwiError for a key that is neither RSA nor EC
 */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(subjectPublicKeyInfo(publicKey.export({ format: 'jwk' })))
    .digest('base64url')
}

/**
 * Returns the key set to publish for these public keys, in the same order and without duplicates. The members of each key have the same
 * order as in the Go azwi and in Kubernetes.
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

/** Formats a key set as the text of a file: JSON indented by two spaces, with a line feed at the end. */
export function keySetText(set: KeySet): string {
  return `${JSON.stringify(set, undefined, 2)}\n`
}

async function publicJwk(key: KeyObject, kid: string): Promise<PublicJwk> {
  const result = signatureAlgorithm(key)
  if ('problem' in result) throw new AzwiError('UnsupportedKey', `the key ${kid} ${result.problem}`)
  const alg = result.algorithm
  const jwk = await exportJWK(key)
  if (alg === 'RS256') return { use: 'sig', kty: 'RSA', kid, alg, n: member(jwk, 'n'), e: member(jwk, 'e') }
  return { use: 'sig', kty: 'EC', kid, alg, crv: member(jwk, 'crv'), x: member(jwk, 'x'), y: member(jwk, 'y') }
}

function member(jwk: JWK, name: 'n' | 'e' | 'crv' | 'x' | 'y'): string {
  const value = jwk[name]
  if (value === undefined) throw new AzwiError('IncompleteKey', `a key came without its member ${name}`)
  return value
}

type SignatureAlgorithm = 'RS256' | 'ES256' | 'ES384' | 'ES512'

/** The minimum for RS256, in bits. Libraries such as `jose` refuse shorter keys. Source: RFC 7518, section 3.3. */
const minRsaKeyLength = 2048

/** The algorithms by OpenSSL's name of the curve. Source: kubernetes/pkg/serviceaccount, `algorithmFromPublicKey`. */
const curves: Readonly<Record<string, SignatureAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512'
}

/**
 * Returns the algorithm with which Kubernetes signs tokens if it has this key, as `{ algorithm }`. Returns `{ problem }` for a key that it
 * cannot sign with, such as an RSA-PSS or Ed25519 key: the end of a sentence that begins with the place of the key.
 */
export function signatureAlgorithm(
  key: KeyObject
): { readonly algorithm: SignatureAlgorithm } | { readonly problem: string } {
  const details = key.asymmetricKeyDetails
  if (key.asymmetricKeyType === 'rsa') {
    const bits = details?.modulusLength ?? 0
    if (bits >= minRsaKeyLength) return { algorithm: 'RS256' }
    return { problem: `is an RSA key of ${bits} bits, and RS256 needs ${minRsaKeyLength} or more (RFC 7518)` }
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
