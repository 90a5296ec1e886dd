import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import * as keyed from './self-signed-certificate.js'

export interface CertificateAndKey {
  readonly certificate: string
  readonly key: string
}

/** A certificate for a client with a key of its own, as `az ad sp create-for-rbac --create-cert` makes one. */
export async function selfSignedCertificate(): Promise<CertificateAndKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return {
    certificate: await keyed.selfSignedCertificate(privateKey, publicKey),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}
