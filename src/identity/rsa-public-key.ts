import { createPublicKey, type KeyObject } from 'node:crypto'
import { subjectPublicKeyInfo } from './subject-public-key-info.js'

/** Where the modulus's INTEGER begins, in an RSA key of 2,048 bits and more: after the algorithm, and headers with lengths of two bytes. */
const modulusAt = 28

/**
 * The RSA public key in a SubjectPublicKeyInfo that is encoded as every tool does it; undefined for any other, which is OpenSSL's to read. The OpenSSL
 * of Node 20 takes thirty times as long for it. Nothing is taken on trust: what was read must make the same bytes again.
 */
export function rsaPublicKey(der: Buffer): KeyObject | undefined {
  if (der.length < modulusAt + 4 || der[modulusAt] !== 0x02 || der[modulusAt + 1] !== 0x82) return undefined
  const modulusEnd = modulusAt + 4 + der.readUInt16BE(modulusAt + 2)
  const [modulus, exponent] = [der.subarray(modulusAt + 4, modulusEnd), der.subarray(modulusEnd + 2)]
  // A leading zero only says that the number is positive (X.690, 8.3).
  const jwk = {
    kty: 'RSA',
    n: modulus.subarray(modulus[0] === 0 ? 1 : 0).toString('base64url'),
    e: exponent.toString('base64url')
  }
  return modulus.length > 0 && exponent.length > 0 && der.equals(subjectPublicKeyInfo(jwk))
    ? createPublicKey({ key: jwk, format: 'jwk' })
    : undefined
}
