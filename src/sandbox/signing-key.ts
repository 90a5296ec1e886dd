import { createHash, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

const generate = promisify(generateKeyPair)

/** The public half as a JWKS shows it. */
export interface PublicJwk {
  readonly use: 'sig'
  readonly kty: string
  readonly kid: string
  readonly alg: string
  readonly n: string
  readonly e: string
}

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: PublicJwk
}

/** A fresh RSA 2048 key for RS256, with the `kid` that Kubernetes would give it. */
export async function createSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 })
  const kid = keyId(publicKey)
  const { n, e } = publicKey.export({ format: 'jwk' })
  if (n === undefined || e === undefined) throw new Error('An RSA key without modulus or exponent.')
  return { kid, privateKey, publicKey, jwk: { use: 'sig', kty: 'RSA', kid, alg: 'RS256', n, e } }
}

/** base64url of SHA-256 over the DER of SubjectPublicKeyInfo (kubernetes/pkg/serviceaccount, `keyIDFromPublicKey`). */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64url')
}
