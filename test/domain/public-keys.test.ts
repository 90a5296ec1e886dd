import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { preparedKey } from '../helpers/keys.js'
import { UsageError } from '../../src/errors.js'
import { keyId } from '../../src/domain/key-set.js'
import { publicKeysFromPem } from '../../src/domain/public-keys.js'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/keys/${name}`, import.meta.url), 'utf8')
const rsa = preparedKey()
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsaPublic = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const rsaPrivate = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const ecPrivate = ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString()
const ids = (keys: readonly KeyObject[]) => keys.map(keyId)
const rsaId = keyId(rsa.publicKey)
const ecId = keyId(ec.publicKey)

function refusal(pem: string, source = 'sa.pub'): UsageError {
  try {
    publicKeysFromPem(pem, source)
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error('the text was accepted')
}

describe('publicKeysFromPem', () => {
  it.each([
    ['PUBLIC KEY (RSA)', rsaPublic, rsaId],
    ['RSA PUBLIC KEY', rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), rsaId],
    ['PRIVATE KEY (RSA)', rsaPrivate, rsaId],
    ['RSA PRIVATE KEY', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(), rsaId],
    ['PUBLIC KEY (EC)', ec.publicKey.export({ type: 'spki', format: 'pem' }).toString(), ecId],
    ['PRIVATE KEY (EC)', ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), ecId],
    ['EC PRIVATE KEY', ecPrivate, ecId],
    ['an encoding with the label of another one', rsaPublic.replaceAll('PUBLIC', 'RSA PUBLIC'), rsaId],
    ['CRLF line ends', rsaPublic.replaceAll('\n', '\r\n'), rsaId],
    ['a byte order mark and no line feed at the end', `\uFEFF${rsaPublic.trim()}`, rsaId],
    ['indentation, as in YAML', rsaPublic.replaceAll(/^/gm, '    '), rsaId]
  ])('reads %s, and returns only the public key', (_, pem, id) => {
    const keys = publicKeysFromPem(pem, 'sa.pub')
    expect(ids(keys)).toEqual([id])
    expect(keys.map(key => key.type)).toEqual(['public'])
  })

  it('reads the key of a certificate', () => {
    expect(ids(publicKeysFromPem(fixture('rsa.crt'), 'rsa.crt'))).toEqual(
      ids(publicKeysFromPem(fixture('rsa.pub'), 'rsa.pub'))
    )
  })

  it('reads several keys in order, and skips parameters and the text between blocks', () => {
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
    const pem = `Bag Attributes\n  friendlyName: sa\n${rsaPublic}# the next\n${parameters}${ecPrivate}\n${fixture('rsa.crt')}-----END LEFT OVER-----\n`
    expect(ids(publicKeysFromPem(pem, 'all.pem'))).toEqual([rsaId, ecId, keyId(createPublicKey(fixture('rsa.pub')))])
  })

  it('reads a compressed EC point with the same key ID as in Kubernetes', () => {
    const point = Buffer.from(createPublicKey(fixture('p256.pub')).export({ type: 'spki', format: 'der' }))
    const compressed = Buffer.concat([
      Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
      Buffer.from([2 + (point.at(-1)! & 1)]),
      point.subarray(-64, -32)
    ])
    const pem = `-----BEGIN PUBLIC KEY-----\n${compressed.toString('base64')}\n-----END PUBLIC KEY-----\n`
    expect(ids(publicKeysFromPem(pem, 'sa.pub'))).toEqual(ids(publicKeysFromPem(fixture('p256.pub'), 'p256.pub')))
  })

  it('reads 2,000 keys from one file', () => {
    expect(publicKeysFromPem(fixture('p256.pub').repeat(2000), 'many.pem')).toHaveLength(2000)
  })
})

describe('publicKeysFromPem refuses', () => {
  const encrypted = rsa.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString()
  const encryptedAsPkcs1 = rsa.privateKey
    .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString()
  const spki = (pair: { publicKey: KeyObject }) => pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()

  it.each([
    ['an empty text', '', /sa\.pub holds no key/],
    ['text without a key', 'hello\nworld\n', /sa\.pub holds no key/],
    [
      'only parameters',
      '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n',
      /sa\.pub holds no key/
    ],
    [
      'a body that is not base64',
      rsaPublic.replace(/\n(.{10})./, '\n$1*'),
      /sa\.pub is broken: it begins with BEGIN PUBLIC KEY/
    ],
    ['a truncated body', rsaPublic.replace(/\n[^\n]+\n[^\n]+\n-----END/, '\n-----END'), /is broken/],
    ['no END line', rsaPublic.replace(/-----END.*/, ''), /is broken/],
    ['an END line with another label', rsaPublic.replace('END PUBLIC KEY', 'END RSA PUBLIC KEY'), /is broken/],
    ['a block inside another', rsaPublic.replace(/\n/, `\n${rsaPublic}`), /block 1 of sa\.pub is broken/],
    [
      'the second block broken',
      `${rsaPublic}-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n`,
      /block 2 of sa\.pub is broken/
    ],
    ['an encrypted private key', encrypted, /sa\.pub is an encrypted private key/],
    ['a private key with RFC 1421 encryption', encryptedAsPkcs1, /sa\.pub is an encrypted private key/],
    [
      'a certificate request',
      '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n',
      /is not a key.*CERTIFICATE REQUEST/
    ],
    [
      'a private key of OpenSSH',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      /format of OpenSSH/
    ],
    ['RSA of 1024 bits', spki(generateKeyPairSync('rsa', { modulusLength: 1024 })), /RSA key of 1024 bits.*2048/],
    ['RSA-PSS', spki(generateKeyPairSync('rsa-pss', { modulusLength: 1024 })), /type rsa-pss/],
    ['Ed25519', spki(generateKeyPairSync('ed25519')), /type ed25519/],
    [
      'a curve that Kubernetes does not sign with',
      spki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })),
      /curve secp256k1/
    ]
  ])('%s with a UsageError and a hint', (_, pem, message) => {
    const error = refusal(pem)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('\n')
    expect(error.exitCode).toBe(2)
    expect(error.hint).toBeTruthy()
  })

  it('a public key of OpenSSH, with the command that converts it', () => {
    expect(refusal('ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB me@host\n').hint).toContain('ssh-keygen -e -m PKCS8')
  })

  it('a damaged private key, and the error contains no part of it', () => {
    const lines = rsaPrivate.split('\n')
    const secrets = lines.filter(line => line.length > 40)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: lines.length - 2 }),
        fc.constantFrom('', '*', '-----BEGIN PUBLIC KEY-----'),
        (at, damage) => {
          const error = refusal(lines.with(at, damage).join('\n'))
          const shown = `${error.message} ${error.hint ?? ''} ${error.stack ?? ''} ${String(error.cause)}`
          for (const secret of secrets) expect(shown).not.toContain(secret)
        }
      )
    )
  })
})
