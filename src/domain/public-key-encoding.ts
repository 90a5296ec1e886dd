import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { AzwiError } from '../errors.js'

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

/** RFC 5480, section 2.1.1.1: the object identifiers of the curves, in DER. */
const curves: Readonly<Record<string, string>> = {
  'P-256': '06082a8648ce3d030107',
  'P-384': '06052b81040022',
  'P-521': '06052b81040023'
}
const ecPublicKey = '06072a8648ce3d0201'
/** rsaEncryption and its parameters, NULL (RFC 3279, section 2.3.1). */
const rsaEncryption = '06092a864886f70d0101010500'

/**
 * The DER SubjectPublicKeyInfo of an RSA or EC key, byte for byte what Go's `x509.MarshalPKIXPublicKey` gives: an RSA key's parameters are
 * NULL and an EC point is not compressed, however the key was written where it came from. OpenSSL's own export would keep a compressed
 * point, and takes a hundred times as long.
 *
 * @throws AzwiError for a key of another kind
 */
export function subjectPublicKeyInfo(jwk: JsonWebKey): Buffer {
  const { kty, n, e, crv, x, y } = jwk
  if (kty === 'RSA' && n !== undefined && e !== undefined) {
    return spki(rsaEncryption, sequence(integer(n), integer(e)))
  }
  const curve = curves[crv ?? '']
  if (kty === 'EC' && curve !== undefined && x !== undefined && y !== undefined) {
    return spki(
      `${ecPublicKey}${curve}`,
      Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
    )
  }
  throw new AzwiError(
    'UnsupportedKey',
    `a key of type ${kty ?? 'unknown'} is neither an RSA key nor an EC key on a known curve`
  )
}

function spki(algorithm: string, key: Buffer): Buffer {
  return sequence(sequence(Buffer.from(algorithm, 'hex')), element(0x03, Buffer.of(0), key))
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return element(0x30, ...contents)
}

/** A positive integer; a zero byte keeps its first bit from being read as a sign. */
function integer(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url')
  return element(0x02, ...((bytes[0] ?? 0) >= 0x80 ? [Buffer.of(0)] : []), bytes)
}

function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body])
  const digits = body.length.toString(16)
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body])
}
