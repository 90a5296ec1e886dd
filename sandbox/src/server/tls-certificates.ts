import { randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
// @peculiar/x509 uses decorators to resolve its algorithms. The decorators need this import first.
import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509CertificateCreateParams,
  X509CertificateGenerator
} from '@peculiar/x509'

/** The certificates of a sandbox, in PEM. */
export interface Certificates {
  /** The authority that a client must trust. Its private key is not kept. */
  readonly caPem: string
  readonly serverCertificatePem: string
  readonly serverKeyPem: string
}

const dayInMilliseconds = 86_400_000
const loopback = ['localhost', '127.0.0.1', '::1']
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * Creates a certificate authority, and its certificate for `localhost`, `127.0.0.1`, `::1` and `hosts` (P-256, X.509
 * v3, RFC 5280). They are valid for ten days around `now`: longer than any run, and shorter than the limit of the
 * strictest clients.
 */
export async function createCertificates(now: Date, hosts: readonly string[] = []): Promise<Certificates> {
  const [authority, server] = await Promise.all([generateKeys(), generateKeys()])
  const validity = {
    notBefore: new Date(now.getTime() - dayInMilliseconds),
    notAfter: new Date(now.getTime() + 9 * dayInMilliseconds)
  }
  // The random part of the name distinguishes the authorities of two sandboxes in a trust store.
  const issuer = `CN=azwi sandbox CA ${randomBytes(4).toString('hex')}`
  const authorityKeyId = await AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webcrypto)
  const issue = (request: Pick<X509CertificateCreateParams, 'subject' | 'publicKey' | 'extensions'>) =>
    X509CertificateGenerator.create(
      {
        ...validity,
        ...request,
        issuer,
        serialNumber: positiveSerialNumber(),
        signingKey: authority.privateKey,
        signingAlgorithm: algorithm
      },
      webcrypto
    )
  const [ca, certificate] = await Promise.all([
    issue({
      subject: issuer,
      publicKey: authority.publicKey,
      extensions: [
        // It can sign certificates, but not certificates of other authorities.
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await SubjectKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
        authorityKeyId
      ]
    }),
    issue({
      subject: 'CN=localhost',
      publicKey: server.publicKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(
          [...loopback, ...hosts].map(value => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))
        ),
        await SubjectKeyIdentifierExtension.create(server.publicKey, false, webcrypto),
        authorityKeyId
      ]
    })
  ])
  return {
    caPem: `${ca.toString('pem')}\n`,
    serverCertificatePem: `${certificate.toString('pem')}\n`,
    serverKeyPem: await privateKeyPem(server.privateKey)
  }
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

/** Returns 16 random bytes in hexadecimal. The first bits are 01, so that DER encodes the number without padding. */
function positiveSerialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return ['-----BEGIN PRIVATE KEY-----', ...(base64.match(/.{1,64}/g) ?? []), '-----END PRIVATE KEY-----', ''].join(
    '\n'
  )
}
