import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { AzwiError } from '../errors.js'

/** The offset of the modulus in an RSA key of 2,048 bits or more: after the algorithm, and after headers with lengths of two bytes. */
const modulusOffset = 28

/**
 * Parses an RSA public key in the usual encoding of SubjectPublicKeyInfo. Returns undefined for any other encoding or key, which the caller
 * leaves to OpenSSL: it is thirty times slower in Node 20. Checks the result by encoding it again.
 */
export function rsaPublicKey(der: Buffer): KeyObject | undefined {
  if (der.length < modulusOffset + 4 || der[modulusOffset] !== 0x02 || der[modulusOffset + 1] !== 0x82) return undefined
  const modulusEnd = modulusOffset + 4 + der.readUInt16BE(modulusOffset + 2)
  const [modulus, exponent] = [der.subarray(modulusOffset + 4, modulusEnd), der.subarray(modulusEnd + 2)]
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

/** The object identifiers of the curves, in DER. Source: RFC 5480, section 2.1.1.1. */
const curves: Readonly<Record<string, string>> = {
  'P-256': '06082a8648ce3d030107',
  'P-384': '06052b81040022',
  'P-521': '06052b81040023'
}
/** The object identifier id-ecPublicKey. Source: RFC 5480, section 2.1.1. */
const ecPublicKey = '06072a8648ce3d0201'
/** The object identifier rsaEncryption and its parameters, NULL. Source: RFC 3279, section 2.3.1. */
const rsaEncryption = '06092a864886f70d0101010500'

/**
 * Returns the SubjectPublicKeyInfo of an RSA or EC key in DER, with the same bytes as Go's `x509.MarshalPKIXPublicKey`: RSA parameters are
 * NULL, and EC points are uncompressed. OpenSSL's export keeps a compressed point, and is a hundred times slower.
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

/** Encodes a positive integer. A zero byte in front of a set first bit keeps the number positive. */
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
