import { timingSafeEqual } from 'node:crypto'
import { accessTokenLifetime } from './access-tokens.js'
import type { SandboxRequest } from '../server/http.js'
import type { State } from '../state.js'
import { parseAssertion } from './assertion.js'
import { audienceOfScope } from './audience.js'
import { verifyCertificateAssertion } from './certificate-assertion.js'
import { type Client, findClient } from './clients.js'
import { EntraError, missingParameter } from './errors.js'
import { verifyFederatedAssertion } from './federated-assertion.js'
import type { IssuerKeys } from './issuer-keys.js'

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Returns the response body of `POST /{tenant}/oauth2/v2.0/token` for client credentials: the four properties that
 * Entra sends. Throws an EntraError for an invalid request.
 */
export async function grantToken(state: State, request: SandboxRequest, issuerKeys: IssuerKeys): Promise<object> {
  const form = readForm(request)
  const grantType = required(form, 'grant_type')
  if (grantType !== 'client_credentials') {
    throw new EntraError(70003, 'unsupported_grant_type', `The app requested an unsupported grant type '${grantType}'.`)
  }
  const clientId = required(form, 'client_id')
  const scope = required(form, 'scope')
  const client = findClient(state, clientId)
  await authenticate(state, client, form, request, issuerKeys)
  return {
    token_type: 'Bearer',
    expires_in: accessTokenLifetime,
    ext_expires_in: accessTokenLifetime,
    access_token: await state.accessTokens.issue(client.principal, audienceOfScope(state, scope))
  }
}

/** Parses the form. Like Entra, treats a body of another type as a form without fields. */
function readForm({ headers, body }: SandboxRequest): URLSearchParams {
  const isForm = (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  return new URLSearchParams(isForm ? body.toString() : '')
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name)
  if (value === null || value === '') throw missingParameter(name)
  return value
}

async function authenticate(
  state: State,
  client: Client,
  form: URLSearchParams,
  request: SandboxRequest,
  issuerKeys: IssuerKeys
): Promise<void> {
  const { appId } = client.principal
  const secret = form.get('client_secret')
  if (secret !== null) {
    requireSecret(state, appId, secret)
    return
  }
  const presented = form.get('client_assertion')
  if (presented === null) {
    throw new EntraError(
      7000218,
      'invalid_client',
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
    )
  }
  if (form.get('client_assertion_type') !== jwtBearer) throw missingParameter('client_assertion_type')
  const assertion = parseAssertion(presented)
  // The issuer of a client's own assertion is its client ID. Other issuers have a URL.
  if (/^https?:\/\//i.test(assertion.issuer)) await verifyFederatedAssertion(state, client, assertion, issuerKeys)
  else await verifyCertificateAssertion(state, appId, assertion, `${request.origin}${request.path}`)
}

function requireSecret(state: State, appId: string, secret: string): void {
  const presented = Buffer.from(secret)
  const secrets = state.clientCredentials.secrets.get(appId.toLowerCase()) ?? []
  const known = secrets.map(value => Buffer.from(value))
  if (known.some(candidate => candidate.length === presented.length && timingSafeEqual(candidate, presented))) return
  throw new EntraError(
    7000215,
    'invalid_client',
    'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a ' +
      `secret added to app '${appId}'.`
  )
}
