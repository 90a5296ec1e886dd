import type { SigningKey } from '../../sandbox/src/signing-key.js'
import { preparedKey } from './keys.js'
import * as keyed from './self-signed-certificate.js'

/** Both as PEM. */
export interface CertificateAndKey {
  readonly certificate: string
  readonly key: string
}

/** Creates a client certificate with its key, such as `az ad sp create-for-rbac --create-cert` creates. */
export async function selfSignedCertificate(
  { privateKey, publicKey }: Pick<SigningKey, 'privateKey' | 'publicKey'> = preparedKey()
): Promise<CertificateAndKey> {
  return {
    certificate: await keyed.selfSignedCertificate(privateKey, publicKey),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}
