import { createHash, createPublicKey, X509Certificate } from 'node:crypto'
import { compactVerify } from 'jose'
import type { State } from '../state.js'
import { type Assertion, invalidSignature, noKeyNamed, requireAlgorithm, requireValidTime } from './assertion.js'
import { EntraError } from './errors.js'

/**
 * Verifies an assertion that the client signed with its certificate (learn.microsoft.com, certificate credentials). The
 * thumbprint in the header must be that of a registered certificate, issuer and subject the client ID, and the audience
 * the token endpoint. Throws an EntraError otherwise.
 */
export async function verifyCertificateAssertion(
  state: State,
  clientId: string,
  assertion: Assertion,
  tokenEndpoint: string
): Promise<void> {
  const { header, claims, issuer, audiences, token } = assertion
  const sha256 = header['x5t#S256']
  if (header.x5t === undefined && sha256 === undefined && header.kid === undefined) throw noKeyNamed()
  requireAlgorithm(assertion, ['RS256', 'PS256'])
  if (issuer !== clientId || claims.sub !== clientId) {
    throw new EntraError(
      700021,
      'invalid_client',
      "Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at " +
        'https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .'
    )
  }
  if (
    !audiences.some(
      audience => audience === tokenEndpoint || audience === tokenEndpoint.replace('/oauth2/v2.0/token', '/v2.0')
    )
  ) {
    throw new EntraError(
      700023,
      'invalid_client',
      `Client assertion audience claim does not match Realm issuer. Review the documentation at ` +
        'https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .'
    )
  }
  requireValidTime(assertion, state.now())
  const certificate = state.clientCredentials.certificates
    .get(clientId.toLowerCase())
    ?.find(candidate => candidate.sha256 === sha256 || candidate.sha1 === header.x5t)
  if (certificate === undefined) throw invalidSignature('The key was not found.', clientId)
  try {
    await compactVerify(token, createPublicKey(certificate.pem))
  } catch {
    throw invalidSignature('The provided signature value did not match the expected signature value.', clientId)
  }
}

/** Registers a certificate of a client, like uploading it to the application. Throws if it is not PEM. */
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
