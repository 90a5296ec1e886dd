import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline'
import { SignJWT } from 'jose'
import type { State } from '../../sandbox/src/state.js'
import { addIdentityCredential, addManagedIdentity } from './managed-identity.js'
import { addServiceAccount, issuerOf } from './state.js'

export const audience = 'api://AzureADTokenExchange'
const subject = 'system:serviceaccount:default:operator'

/** Adds an operator without a secret: a managed identity that trusts the cluster's service account `operator`. Returns its client ID. */
export function addFederatedOperator(state: State): string {
  const operator = addManagedIdentity(state, 'operator')
  addIdentityCredential(operator, { issuer: issuerOf(state), subject })
  addServiceAccount(state, 'operator')
  return operator.clientId
}

/** Signs a new token of that service account, as the cluster does. */
export async function mintOperatorToken(state: State, audiences: string[] = [audience]): Promise<string> {
  const { kid, privateKey } = state.cluster.signingKeys[0]!
  return new SignJWT()
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(issuerOf(state))
    .setSubject(subject)
    .setAudience(audiences)
    .setJti(state.uuid())
    .setIssuedAt()
    .setNotBefore('0s')
    .setExpirationTime('1h')
    .sign(privateKey)
}

/** Creates an HTTP client that trusts the sandbox, for tests without the command line. */
export function clientTrusting(ca: string): HttpClient {
  const http = createDefaultHttpClient()
  return { sendRequest: request => http.sendRequest(Object.assign(request, { tlsSettings: { ca } })) }
}
