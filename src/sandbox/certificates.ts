import { createHash, generateKeyPair, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { promisify } from 'node:util'
import {
  bitString, boolean, explicit, implicit, integer, objectIdentifier, octetString, sequence, set, utcTime, utf8String, type Der
} from './der.js'

const generate = promisify(generateKeyPair)

export interface Certificates {
  /** The authority that a client has to trust. It signs once, and its key is forgotten. */
  readonly caPem: string
  readonly serverCertificatePem: string
  readonly serverKeyPem: string
}

const oids = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1'
}

const dayInMilliseconds = 86_400_000

/**
 * A certificate authority made for this run, and a certificate of it for `localhost`, `127.0.0.1` and `::1` (P-256, X.509 v3 as RFC 5280 has it).
 * Valid for ten days around `now`: longer than any run, shorter than what the strictest clients allow.
 */
export async function createCertificates(now: Date): Promise<Certificates> {
  const [authority, server] = await Promise.all([generate('ec', { namedCurve: 'P-256' }), generate('ec', { namedCurve: 'P-256' })])
  const validity = { from: new Date(now.getTime() - dayInMilliseconds), to: new Date(now.getTime() + 9 * dayInMilliseconds) }
  // The serial number in the name keeps two sandboxes apart in a trust store.
  const caName = `azwi sandbox CA ${randomBytes(4).toString('hex')}`
  const signer = { name: caName, key: authority.privateKey, publicKey: authority.publicKey }
  return {
    caPem: issueCertificate({ name: caName, publicKey: authority.publicKey, validity, signer, extensions: authorityExtensions() }),
    serverCertificatePem: issueCertificate({
      name: 'localhost', publicKey: server.publicKey, validity, signer, extensions: serverExtensions(['localhost', '127.0.0.1', '::1'])
    }),
    serverKeyPem: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}

interface CertificateRequest {
  readonly name: string
  readonly publicKey: KeyObject
  readonly validity: { readonly from: Date; readonly to: Date }
  readonly signer: { readonly name: string; readonly key: KeyObject; readonly publicKey: KeyObject }
  readonly extensions: readonly Der[]
}

function issueCertificate({ name, publicKey, validity, signer, extensions }: CertificateRequest): string {
  const algorithm = sequence(objectIdentifier(oids.ecdsaWithSha256))
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(positiveSerialNumber()),
    algorithm,
    distinguishedName(signer.name),
    sequence(utcTime(validity.from), utcTime(validity.to)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(
      ...extensions,
      extension(oids.subjectKeyIdentifier, false, octetString(keyIdentifier(publicKey))),
      extension(oids.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier(signer.publicKey))))
    ))
  )
  const der = sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, signer.key)))
  return toPem(der)
}

/** Sixteen random bytes that do not begin with a zero or a one bit, so that DER writes them as they are. */
function positiveSerialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}

function distinguishedName(commonName: string): Der {
  return sequence(set(sequence(objectIdentifier(oids.commonName), utf8String(commonName))))
}

function extension(oid: string, critical: boolean, value: Der): Der {
  return sequence(objectIdentifier(oid), ...(critical ? [boolean(true)] : []), octetString(value))
}

/** May sign certificates, but none that sign others. */
function authorityExtensions(): Der[] {
  return [
    extension(oids.basicConstraints, true, sequence(boolean(true), integer(Buffer.from([0])))),
    // keyCertSign is bit 5.
    extension(oids.keyUsage, true, bitString(Buffer.from([0b0000_0100]), 2))
  ]
}

function serverExtensions(hosts: readonly string[]): Der[] {
  return [
    extension(oids.basicConstraints, true, sequence()),
    // digitalSignature is bit 0.
    extension(oids.keyUsage, true, bitString(Buffer.from([0b1000_0000]), 7)),
    extension(oids.extendedKeyUsage, false, sequence(objectIdentifier(oids.serverAuthentication))),
    extension(oids.subjectAlternativeName, false, sequence(...hosts.map(alternativeName)))
  ]
}

function alternativeName(host: string): Der {
  if (isIPv4(host)) return implicit(7, Buffer.from(host.split('.').map(Number)))
  if (host === '::1') return implicit(7, Buffer.from([...Array<number>(15).fill(0), 1]))
  return implicit(2, Buffer.from(host))
}

/** RFC 5280, 4.2.1.2, leaves the method open: a hash over the whole of SubjectPublicKeyInfo serves as well as any. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest().subarray(0, 20)
}

function toPem(der: Der): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
