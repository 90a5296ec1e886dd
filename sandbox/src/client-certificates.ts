import { createHash, X509Certificate } from 'node:crypto'
import type { State } from './state.js'

/** Lets a client sign its assertions with the certificate, as uploading it to the application does. Takes PEM; throws on anything else. */
export function registerClientCertificate(state: State, clientId: string, pem: string): void {
  const { raw } = new X509Certificate(pem)
  const thumbprint = (algorithm: string) => createHash(algorithm).update(raw).digest('base64url')
  const key = clientId.toLowerCase()
  const registered = state.clientCredentials.certificates.get(key) ?? []
  state.clientCredentials.certificates.set(key, [
    ...registered,
    { sha1: thumbprint('sha1'), sha256: thumbprint('sha256'), pem }
  ])
}
