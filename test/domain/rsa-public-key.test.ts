import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rsaPublicKey } from '../../src/domain/public-key-encoding.js'

const derOf = (modulusLength: number, publicExponent = 65_537): Buffer =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ type: 'spki', format: 'der' })

describe('an RSA public key', () => {
  it.each([
    [2048, 65_537],
    [3072, 3],
    [4096, 65_537]
  ])('of %i bits is the one that OpenSSL reads', (bits, exponent) => {
    const der = derOf(bits, exponent)
    expect(rsaPublicKey(der)?.equals(createPublicKey({ key: der, format: 'der', type: 'spki' }))).toBe(true)
  })

  it('is left to OpenSSL where it is of another kind, or encoded otherwise', () => {
    const der = derOf(2048)
    expect(
      rsaPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }))
    ).toBeUndefined()
    expect(
      rsaPublicKey(
        generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'pkcs1', format: 'der' })
      )
    ).toBeUndefined()
    for (let length = 0; length < der.length; length++) expect(rsaPublicKey(der.subarray(0, length))).toBeUndefined()
    expect(rsaPublicKey(Buffer.concat([der, Buffer.from([0])]))).toBeUndefined()
  })

  it('with a byte changed is what OpenSSL makes of it, or nothing', () => {
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
