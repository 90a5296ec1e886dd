import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { importJWK, jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { preparedKey } from '../helpers/keys.js'
import { keyId, keySet, keySetText } from '../../src/domain/key-set.js'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/keys/${name}`, import.meta.url), 'utf8')
const publicKey = (name: string) => createPublicKey(fixture(name))

describe('keyId', () => {
  // openssl pkey -pubin -in <file> -outform DER | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d =
  it.each([
    ['rsa.pub', '-rkTWvUs7LELjfh3hrq3QvmKNmwM8XbCybTIIg3qlv4'],
    ['p256.pub', 'gx1HLdwrnnNZCvxwd0QN1N2VHULGZk4QcXKse3l4AcY'],
    ['p384.pub', 'qZfygUtnkcyIvRLznUuMBvUbHImlUjknenxYAHqEf2k'],
    ['p521.pub', 'tXMaPxubPsf_j-otJFNZEgRG3oeyUw4WkonbU9oL5dU']
  ])('of %s is the same as from openssl', (file, id) => {
    expect(keyId(publicKey(file))).toBe(id)
  })
})

describe('keySet', () => {
  it('of an RSA key has the same text as one that openssl and a shell script created', async () => {
    expect(keySetText(await keySet([publicKey('rsa.pub')]))).toBe(fixture('rsa.jwks.json'))
  })

  it('of EC keys has algorithm and curve, and pads the coordinates', async () => {
    const { keys } = await keySet(['p256.pub', 'p384.pub', 'p521.pub'].map(publicKey))
    expect(keys.map(key => Object.keys(key))).toEqual(Array(3).fill(['use', 'kty', 'kid', 'alg', 'crv', 'x', 'y']))
    expect(keys.map(({ alg, ...rest }) => [alg, 'crv' in rest && rest.crv])).toEqual([
      ['ES256', 'P-256'],
      ['ES384', 'P-384'],
      ['ES512', 'P-521']
    ])
    expect(keys[2]).toMatchObject({
      x: 'ATuUyXWU9XP9TAtVedxJJ_AWf6qGzGl-52a8kgkYyJSw58xQ8Gh6CgHxZBv9uIRHquCx5h1QjmxSo1wUHi2aiMA-',
      y: 'AL_TpsQvGFQpfJNXMe_aqv2Fc1AjDQbRHZC3CErIJnPyDTBhhka4Y2HIAIWseYTMJ9ZquGPZlsDR9-xqHDbflKUv'
    })
  })

  it('verifies tokens that the private key has signed', async () => {
    const pair = preparedKey()
    const [jwk] = (await keySet([pair.publicKey])).keys
    const token = await new SignJWT({ sub: 'x' })
      .setProtectedHeader({ alg: 'RS256', kid: keyId(pair.publicKey) })
      .sign(pair.privateKey)
    const verified = await jwtVerify(token, await importJWK({ ...jwk! }))
    expect(verified.protectedHeader.kid).toBe(jwk!.kid)
  })

  it('contains each key once, at its first position', async () => {
    const pool: readonly KeyObject[] = Array.from(
      { length: 6 },
      () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(pool.length - 1), { maxLength: 20 }), async indices => {
        const set = await keySet(indices.map(index => pool[index]!))
        expect(set.keys.map(key => key.kid)).toEqual([...new Set(indices)].map(index => keyId(pool[index]!)))
      })
    )
  })

  it('of no keys is an empty set', async () => {
    expect(keySetText(await keySet([]))).toBe('{\n  "keys": []\n}\n')
  })

  it('refuses a key that Kubernetes does not sign with', async () => {
    await expect(keySet([generateKeyPairSync('ed25519').publicKey])).rejects.toMatchObject({ code: 'UnsupportedKey' })
  })
})
