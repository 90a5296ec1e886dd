import { createHash, type KeyObject } from 'node:crypto'
import { exportJWK, type JWK } from 'jose'
import { AzwiError } from '../errors.js'
import { signatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.js'
import { subjectPublicKeyInfo } from './subject-public-key-info.js'

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
