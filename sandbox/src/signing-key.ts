import { createHash, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

const generate = promisify(generateKeyPair)

/** A public key as an entry of a JSON Web Key Set (RFC 7517). */
export interface PublicJwk {
  readonly use: 'sig'
  readonly kty: string
  readonly kid: string
  readonly alg: Algorithm
  /** RSA only. */
  readonly n?: string | undefined
  readonly e?: string | undefined
  /** EC only. */
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
}

/** The signature algorithms of a Kubernetes API server: RSA, or P-256 if it has such a key. Entra accepts only RSA. */
export type Algorithm = 'RS256' | 'ES256'

/** A key pair that signs tokens. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: PublicJwk
}

/** Generates a key (RSA 2048 or P-256) with the key ID that Kubernetes would give it. */
export async function createSigningKey(alg: Algorithm = 'RS256'): Promise<SigningKey> {
  const { privateKey } =
    alg === 'RS256' ? await generate('rsa', { modulusLength: 2048 }) : await generate('ec', { namedCurve: 'P-256' })
  return signingKeyOf(privateKey)
}

/** Returns the signing key for an existing private key, RSA or P-256. */
export function signingKeyOf(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey)
  const alg: Algorithm = privateKey.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256'
  const kid = keyId(publicKey)
  const { kty = '', n, e, crv, x, y } = publicKey.export({ format: 'jwk' })
  const parameters = alg === 'RS256' ? { n, e } : { crv, x, y }
  return { kid, privateKey, publicKey, jwk: { use: 'sig', kty, kid, alg, ...parameters } }
}

/**
 * Returns the key ID: base64url of SHA-256 over the DER-encoded SubjectPublicKeyInfo (kubernetes/pkg/serviceaccount,
 * `keyIDFromPublicKey`).
 */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
}
