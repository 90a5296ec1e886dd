import { entraErrors, type LoginErrorCode } from '../domain/entra-errors.js'
import { AzwiError, LoginError } from '../errors.js'
import { toServiceError, type ErrorFormat } from '../net/service-error.js'
import type { Login } from './login.js'

type Hint = (login: Login, tenantId: string) => string

const logInAgain: Hint = ({ method }, tenantId) => {
  if (method === 'cli') return `az login --tenant ${tenantId}`
  if (method === 'azd') return `azd auth login --tenant-id ${tenantId}`
  return 'see that client id and secret, certificate or token are those of one and the same service principal'
}
const useOtherTenant: Hint = ({ method }, tenantId) =>
  method === 'cli'
    ? `az login --tenant ${tenantId}; or give the right tenant with --tenant-id`
    : 'give the right tenant with --tenant-id'
const askAdministrator: Hint = (login, tenantId) => {
  const isPerson = login.method === 'cli' || login.method === 'azd'
  return `${isPerson ? `${logInAgain(login, tenantId)}; or ` : ''}ask an administrator of the tenant, or log in from where its policies allow it`
}
const listCredentials: Hint = login =>
  `see what it trusts: az ad app federated-credential list --id ${clientIdOf(login)}`

const hints: Readonly<Record<LoginErrorCode, Hint>> = {
  WrongClientSecret: () => "give the secret's value, not its id, in AZURE_CLIENT_SECRET",
  ExpiredClientSecret: login => `create a new one: az ad app credential reset --id ${clientIdOf(login)}`,
  UnknownClient: useOtherTenant,
  UnknownCertificate: login =>
    `register it: az ad app credential reset --append --cert @certificate.pem --id ${clientIdOf(login)}`,
  UnknownTenant: () => 'give the right tenant with --tenant-id, or the right cloud with --azure-env',
  WrongTenant: useOtherTenant,
  ConditionalAccess: askAdministrator,
  LoginExpired: logInAgain,
  UntrustedToken: listCredentials,
  ExpiredToken: listCredentials
}

const clientIdOf = (login: Login): string => ('clientId' in login ? login.clientId : undefined) ?? '<client id>'

/** Recognizes only errors of the network. An answer of Entra arrives as an error of the login's SDK. */
const errorFormat: ErrorFormat = {
  service: 'Entra',
  responseOf: () => undefined,
  hints: { 0: 'check the network and the proxy settings, then run the same line again' }
}

/**
 * Returns the error to throw for a failed login: a LoginError that explains Entra's answer, or the AzwiError of an interruption or of a
 * network failure. `underneath` is the error below the SDK, if there is one.
 *
 * The message holds at most the first line of Entra's answer, and never a part of the request.
 */
export function asLoginError(underneath: unknown, error: unknown, login: Login, tenantId: string): unknown {
  if (error instanceof AzwiError) return error
  const network = toServiceError(errorFormat, `log in to tenant ${tenantId}`, underneath)
  if (network instanceof AzwiError) return network
  const text = messageOf(error)
  // For an unknown tenant, the SDK fails to find the endpoints of the tenant and gives no code of Entra.
  const code = /AADSTS\d+/.exec(text)?.[0] ?? (text.includes('endpoints_resolution_error') ? 'AADSTS90002' : '')
  const failure = `cannot log in to tenant ${tenantId} with ${login.method}`
  const { loginCode, meaning } = entraErrors[code] ?? {}
  if (loginCode !== undefined)
    return new LoginError(loginCode, `${failure}: ${meaning} (${code})`, hints[loginCode](login, tenantId), error)
  if (/run '?az login|azd auth login/i.test(text))
    return new LoginError('NotLoggedIn', `${failure}: nobody is logged in`, logInAgain(login, tenantId), error)
  const firstLine = text.split(/[\r\n]/, 1)[0]?.replace(/ Trace ID:.*$/, '') ?? ''
  return new LoginError('LoginFailed', `${failure}: ${firstLine}`, logInAgain(login, tenantId), error)
}

function messageOf(error: unknown): string {
  const description = (error as { errorResponse?: { errorDescription?: string } }).errorResponse?.errorDescription
  return description ?? (error instanceof Error ? error.message : String(error))
}
