import { generateKeyPair, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { bitString, explicit, integer, objectIdentifier, sequence, set, utcTime, utf8String } from '../../src/sandbox/der.js'

export interface CertificateAndKey {
  readonly certificate: string
  readonly key: string
}

const dayInMilliseconds = 86_400_000

/** A certificate for a client (RSA, X.509 v3), signed by itself, as `az ad sp create-for-rbac --create-cert` makes one. */
export async function selfSignedCertificate(): Promise<CertificateAndKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const sha256WithRsa = sequence(objectIdentifier('1.2.840.113549.1.1.11'), Buffer.from([0x05, 0x00]))
  const name = sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String('azwi test'))))
  const validity = sequence(utcTime(new Date(Date.now() - dayInMilliseconds)), utcTime(new Date(Date.now() + dayInMilliseconds)))
  const serialNumber = integer(Buffer.concat([Buffer.from([0x41]), randomBytes(15)]))
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([2]))), serialNumber, sha256WithRsa, name, validity, name, publicKey.export({ type: 'spki', format: 'der' })
  )
  const der = sequence(toBeSigned, sha256WithRsa, bitString(sign('sha256', toBeSigned, privateKey)))
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${der.toString('base64').match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}
