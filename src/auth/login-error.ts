import { AzwiError, LoginError } from '../errors.js'
import { asServiceError, type ErrorFormat } from '../net/service-error.js'
import type { Login } from './login.js'

interface Explanation {
  readonly code: string
  readonly message: string
  readonly hint: (login: Login, tenantId: string) => string
}

const again = (login: Login, tenantId: string): string => {
  if (login.method === 'cli') return `az login --tenant ${tenantId}`
  if (login.method === 'azd') return `azd auth login --tenant-id ${tenantId}`
  return 'see that client id and secret, certificate or token are those of one and the same service principal'
}
const otherTenant = (login: Login, tenantId: string): string =>
  login.method === 'cli'
    ? `az login --tenant ${tenantId}; or give the right tenant with --tenant-id`
    : 'give the right tenant with --tenant-id'
const clientIdOf = (login: Login): string => ('clientId' in login ? login.clientId : undefined) ?? '<client id>'
const federation = (login: Login): string =>
  `see what it trusts: az ad app federated-credential list --id ${clientIdOf(login)}`

const expired = { code: 'LoginExpired', message: 'the login has expired', hint: again }
const conditionalAccess = {
  code: 'ConditionalAccess',
  message: 'conditional access refuses this login',
  hint: (login: Login, tenantId: string): string => {
    const byPerson = login.method === 'cli' || login.method === 'azd' ? `${again(login, tenantId)}; or ` : ''
    return `${byPerson}ask an administrator of the tenant, or log in from where its policies allow it`
  }
}
const wrongTenant = {
  code: 'WrongTenant',
  message: 'whoever is logged in does not belong to this tenant',
  hint: otherTenant
}
const untrusted = {
  code: 'UntrustedToken',
  message: 'the application trusts no token with this issuer, subject and audience',
  hint: federation
}

/** Entra's error numbers that an operator meets at login, in plain words. Source: Entra's error code reference. */
const explanations: Readonly<Record<string, Explanation>> = {
  AADSTS7000215: {
    code: 'WrongClientSecret',
    message: 'the client secret is wrong',
    hint: () => "give the secret's value, not its id, in AZURE_CLIENT_SECRET"
  },
  AADSTS7000222: {
    code: 'ExpiredClientSecret',
    message: 'the client secret has expired',
    hint: login => `make a new one: az ad app credential reset --id ${clientIdOf(login)}`
  },
  AADSTS700016: {
    code: 'UnknownClient',
    message: 'the tenant has no application with this client id',
    hint: otherTenant
  },
  AADSTS700027: {
    code: 'UnknownCertificate',
    message: 'the certificate is not registered with the application',
    hint: login => `register it: az ad app credential reset --append --cert @certificate.pem --id ${clientIdOf(login)}`
  },
  AADSTS90002: {
    code: 'UnknownTenant',
    message: 'there is no such tenant in this cloud',
    hint: () => 'give the right tenant with --tenant-id, or the right cloud with --azure-env'
  },
  AADSTS50020: wrongTenant,
  AADSTS90072: wrongTenant,
  AADSTS50005: conditionalAccess,
  AADSTS53000: conditionalAccess,
  AADSTS53003: conditionalAccess,
  AADSTS530003: conditionalAccess,
  AADSTS50076: { ...expired, message: 'multi-factor authentication is needed' },
  AADSTS50079: { ...expired, message: 'multi-factor authentication is needed' },
  AADSTS50173: expired,
  AADSTS70043: expired,
  AADSTS70044: expired,
  AADSTS700082: expired,
  AADSTS700024: { ...untrusted, code: 'ExpiredToken', message: 'the token to be exchanged has expired' },
  AADSTS70021: untrusted,
  AADSTS700211: untrusted,
  AADSTS700212: untrusted,
  AADSTS700213: untrusted,
  AADSTS7002138: untrusted
}

/** What is no refusal by Entra, but never reached it. */
const errorFormat: ErrorFormat = {
  service: 'Entra',
  refusal: () => undefined,
  hints: { 0: 'check the network and the proxy settings, then run the same line again' }
}

/**
 * Says a failed login in our words. `underneath` is what went wrong below the SDK, where anything did: an interruption, the network.
 * Only Entra's first line is passed on, never what was sent.
 */
export function asLoginError(underneath: unknown, error: unknown, login: Login, tenantId: string): unknown {
  if (error instanceof AzwiError) return error
  const network = asServiceError(errorFormat, `log in to tenant ${tenantId}`, underneath)
  if (network instanceof AzwiError) return network
  const text = messageOf(error)
  // The SDK asks for the tenant's endpoints first, and says no more than this of a tenant that there is not.
  const number = /AADSTS\d+/.exec(text)?.[0] ?? (text.includes('endpoints_resolution_error') ? 'AADSTS90002' : '')
  const what = `cannot log in to tenant ${tenantId} with ${login.method}`
  const known = explanations[number]
  if (known !== undefined)
    return new LoginError(known.code, `${what}: ${known.message} (${number})`, known.hint(login, tenantId), error)
  if (/run '?az login|azd auth login/i.test(text))
    return new LoginError('NotLoggedIn', `${what}: nobody is logged in`, again(login, tenantId), error)
  const first = text.split(/[\r\n]/, 1)[0]?.replace(/ Trace ID:.*$/, '') ?? ''
  return new LoginError('LoginFailed', `${what}: ${first}`, again(login, tenantId), error)
}

function messageOf(error: unknown): string {
  const description = (error as { errorResponse?: { errorDescription?: string } }).errorResponse?.errorDescription
  return description ?? (error instanceof Error ? error.message : String(error))
}
