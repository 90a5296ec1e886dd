import { type KeyObject, webcrypto } from 'node:crypto'
import 'reflect-metadata'
import { X509CertificateGenerator } from '@peculiar/x509'

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const hourInMilliseconds = 3_600_000

/** Creates a certificate for an RSA key, valid for a day, as a client uploads it to its application. */
export async function selfSignedCertificate(privateKey: KeyObject, publicKey: KeyObject): Promise<string> {
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=client',
      keys: {
        privateKey: await webcrypto.subtle.importKey(
          'pkcs8',
          privateKey.export({ type: 'pkcs8', format: 'der' }),
          algorithm,
          true,
          ['sign']
        ),
        publicKey: await webcrypto.subtle.importKey(
          'spki',
          publicKey.export({ type: 'spki', format: 'der' }),
          algorithm,
          true,
          ['verify']
        )
      },
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - hourInMilliseconds),
      notAfter: new Date(Date.now() + 24 * hourInMilliseconds)
    },
    webcrypto
  )
  return `${certificate.toString('pem')}\n`
}
