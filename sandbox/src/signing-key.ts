import { createHash, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

const generate = promisify(generateKeyPair)

/** The public half as a JWKS shows it. */
export interface PublicJwk {
  readonly use: 'sig'
  readonly kty: string
  readonly kid: string
  readonly alg: Algorithm
  /** Of an RSA key. */
  readonly n?: string | undefined
  readonly e?: string | undefined
  /** Of an EC key. */
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
}

/** What Kubernetes signs with: RSA or, where it was given such a key, P-256, which Entra does not take. */
export type Algorithm = 'RS256' | 'ES256'

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: PublicJwk
}

/** A fresh key, RSA 2048 or P-256, with the `kid` that Kubernetes would give it. */
export async function createSigningKey(alg: Algorithm = 'RS256'): Promise<SigningKey> {
  const pair =
    alg === 'RS256' ? await generate('rsa', { modulusLength: 2048 }) : await generate('ec', { namedCurve: 'P-256' })
  const { privateKey, publicKey } = pair
  const kid = keyId(publicKey)
  const { kty = '', n, e, crv, x, y } = publicKey.export({ format: 'jwk' })
  const ofKind = alg === 'RS256' ? { n, e } : { crv, x, y }
  return { kid, privateKey, publicKey, jwk: { use: 'sig', kty, kid, alg, ...ofKind } }
}

/** base64url of SHA-256 over the DER of SubjectPublicKeyInfo (kubernetes/pkg/serviceaccount, `keyIDFromPublicKey`). */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
}
