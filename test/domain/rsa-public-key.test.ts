import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rsaPublicKey } from '../../src/domain/public-key-encoding.js'

/** Returns a public key with a random number as its modulus, which is faster than a search for primes. */
function randomRsaKey(bits: number, exponent = 65_537): KeyObject {
  const modulus = randomBytes(bits / 8)
  modulus[0] = modulus[0]! | 0x80
  const e = Buffer.from(exponent.toString(16).padStart(exponent > 255 ? 6 : 2, '0'), 'hex').toString('base64url')
  return createPublicKey({ key: { kty: 'RSA', n: modulus.toString('base64url'), e }, format: 'jwk' })
}

const derOf = (bits: number, exponent?: number): Buffer =>
  randomRsaKey(bits, exponent).export({ type: 'spki', format: 'der' })

describe('an RSA public key', () => {
  it.each([
    [2048, 65_537],
    [3072, 3],
    [4096, 65_537]
  ])('of %i bits is the same as from OpenSSL', (bits, exponent) => {
    const der = derOf(bits, exponent)
    expect(rsaPublicKey(der)?.equals(createPublicKey({ key: der, format: 'der', type: 'spki' }))).toBe(true)
  })

  it('is undefined for another kind of key, and for another encoding', () => {
    const der = derOf(2048)
    expect(
      rsaPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }))
    ).toBeUndefined()
    expect(rsaPublicKey(randomRsaKey(2048).export({ type: 'pkcs1', format: 'der' }))).toBeUndefined()
    for (let length = 0; length < der.length; length++) expect(rsaPublicKey(der.subarray(0, length))).toBeUndefined()
    expect(rsaPublicKey(Buffer.concat([der, Buffer.from([0])]))).toBeUndefined()
  })

  it('with a changed byte is the same as from OpenSSL, or undefined', () => {
    const der = derOf(2048)
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(der)
        changed[at] = changed[at]! ^ change
        const read = rsaPublicKey(changed)
        expect(read === undefined || read.equals(createPublicKey({ key: changed, format: 'der', type: 'spki' }))).toBe(
          true
        )
      })
    )
  })
})
