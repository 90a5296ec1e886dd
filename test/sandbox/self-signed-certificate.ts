import { sign, type KeyObject } from 'node:crypto'
import { bitString, explicit, integer, objectIdentifier, sequence, set, utcTime, utf8String } from '../../src/sandbox/der.js'

const sha256WithRsa = sequence(objectIdentifier('1.2.840.113549.1.1.11'))
const commonName = sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String('client'))))

/** A certificate over an RSA key, good for a day: what a client would upload to its application. */
export function selfSignedCertificate(privateKey: KeyObject, publicKey: KeyObject): string {
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))), integer(Buffer.from([1])), sha256WithRsa, commonName,
    sequence(utcTime(new Date(Date.now() - 3_600_000)), utcTime(new Date(Date.now() + 86_400_000))),
    commonName, publicKey.export({ type: 'spki', format: 'der' })
  )
  const der = sequence(body, sha256WithRsa, bitString(sign('sha256', body, privateKey)))
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}
