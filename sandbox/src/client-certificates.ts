import { createHash, X509Certificate } from 'node:crypto'
import type { World } from './world.js'

/** Lets a client sign its assertions with the certificate, as uploading it to the application does. Takes PEM; throws on anything else. */
export function registerClientCertificate(world: World, clientId: string, pem: string): void {
  const { raw } = new X509Certificate(pem)
  const thumbprint = (algorithm: string) => createHash(algorithm).update(raw).digest('base64url')
  const key = clientId.toLowerCase()
  const registered = world.clientCredentials.certificates.get(key) ?? []
  world.clientCredentials.certificates.set(key, [
    ...registered,
    { sha1: thumbprint('sha1'), sha256: thumbprint('sha256'), pem }
  ])
}
