import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { subjectPublicKeyInfo } from '../../src/domain/public-key-encoding.js'

const encoded = (key: KeyObject) => subjectPublicKeyInfo(key.export({ format: 'jwk' })).toString('hex')
const encodedByOpenSsl = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).toString('hex')

describe('subjectPublicKeyInfo', () => {
  it.each([
    ['P-256', 40],
    ['P-384', 20],
    ['P-521', 20]
  ])('returns the same bytes as OpenSSL for %s', (namedCurve, keys) => {
    for (let i = 0; i < keys; i++) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve })
      expect(encoded(publicKey)).toBe(encodedByOpenSsl(publicKey))
    }
  })

  it('returns the same bytes as OpenSSL for RSA keys of any length and exponent', () => {
    const modulus = fc
      .uint8Array({ minLength: 64, maxLength: 600 })
      .map(bytes => Buffer.from([bytes[0]! | 1, ...bytes.subarray(1, -1), bytes.at(-1)! | 1]))
    fc.assert(
      fc.property(modulus, fc.constantFrom('Aw', 'EQ', 'AQAB', 'gQ', 'AQAAAQ'), (n, e) => {
        const key = createPublicKey({ key: { kty: 'RSA', n: n.toString('base64url'), e }, format: 'jwk' })
        expect(encoded(key)).toBe(encodedByOpenSsl(key))
      })
    )
  })

  it.each([
    [{ kty: 'OKP', crv: 'Ed25519', x: 'AA' }],
    [{ kty: 'EC', crv: 'secp256k1', x: 'AA', y: 'AA' }],
    [{ kty: 'RSA' }],
    [{}]
  ])('refuses %j', jwk => {
    expect(() => subjectPublicKeyInfo(jwk)).toThrow(expect.objectContaining({ code: 'UnsupportedKey' }))
  })
})
