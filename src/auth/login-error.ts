import { AzwiError, LoginError } from '../errors.js'
import type { Login } from './login.js'

interface Explanation {
  readonly code: string
  readonly message: string
  readonly hint: (login: Login, tenantId: string) => string
}

const again = (login: Login, tenantId: string): string =>
  login.method === 'cli' ? `az login --tenant ${tenantId}` : 'see that --client-id and its secret or certificate are those of the service principal'

/** Entra's error numbers that an operator meets at login, in plain words. Source: Entra's error code reference. */
const explanations: Readonly<Record<string, Explanation>> = {
  AADSTS7000215: { code: 'WrongClientSecret', message: 'the client secret is wrong', hint: () => 'give the secret\'s value, not its id, in AZURE_CLIENT_SECRET' },
  AADSTS7000222: { code: 'ExpiredClientSecret', message: 'the client secret has expired', hint: login => `make a new one: az ad app credential reset --id ${'clientId' in login ? login.clientId : '<client id>'}` },
  AADSTS700016: { code: 'UnknownClient', message: 'the tenant has no application with this client id', hint: (_, tenantId) => `see the tenant: az account list --query "[].tenantId"; ${tenantId} was asked` },
  AADSTS90002: { code: 'UnknownTenant', message: 'there is no such tenant in this cloud', hint: () => 'give the right one as AZURE_TENANT_ID, or the right cloud with --azure-env' },
  AADSTS700027: { code: 'UnknownCertificate', message: 'the certificate is not registered with the application', hint: () => 'register it: az ad app credential reset --append --cert @certificate.pem --id <client id>' },
  AADSTS50005: { code: 'ConditionalAccess', message: 'conditional access refuses this login', hint: again },
  AADSTS530003: { code: 'ConditionalAccess', message: 'conditional access wants a managed device', hint: again },
  AADSTS50076: { code: 'LoginExpired', message: 'multi-factor authentication is needed', hint: again },
  AADSTS700082: { code: 'LoginExpired', message: 'the login has expired', hint: again },
  AADSTS50173: { code: 'LoginExpired', message: 'the login has expired', hint: again }
}

/** Says a failed login in our words. Only Entra's first line is passed on, never what was sent. */
export function asLoginError(error: unknown, login: Login, tenantId: string): AzwiError {
  if (error instanceof AzwiError) return error
  const text = messageOf(error)
  const number = /AADSTS\d+/.exec(text)?.[0] ?? ''
  const known = explanations[number]
  if (known !== undefined) {
    return new LoginError(known.code, `cannot log in to tenant ${tenantId} with ${login.method}: ${known.message} (${number})`, known.hint(login, tenantId), error)
  }
  const first = text.split(/[\r\n]/, 1)[0]?.replace(/ Trace ID:.*$/, '') ?? ''
  return new LoginError('LoginFailed', `cannot log in to tenant ${tenantId} with ${login.method}: ${first}`, again(login, tenantId), error)
}

function messageOf(error: unknown): string {
  const description = (error as { errorResponse?: { errorDescription?: string } }).errorResponse?.errorDescription
  return description ?? (error instanceof Error ? error.message : String(error))
}
