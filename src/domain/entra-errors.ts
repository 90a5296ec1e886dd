/** The part of the setup that an error of Entra is about. azwi suggests the next command by it. */
export type Concern =
  /** The trust between the token and the credentials of the identity. */
  | 'trust'
  /** The client ID, or the service principal of the identity. */
  | 'identity'
  /** The token that was sent. */
  | 'token'
  /** The documents that the issuer publishes. */
  | 'issuer'
  /** The tenant or the resource that the request names. */
  | 'request'
  /** The login of a person. No service account is involved. */
  | 'login'
  /** A client secret. No service account is involved. */
  | 'secret'
  /** Something outside Kubernetes. */
  | 'elsewhere'

/** The `code` of the LoginError that azwi throws when its own login fails. */
export type LoginErrorCode =
  | 'WrongClientSecret'
  | 'ExpiredClientSecret'
  | 'UnknownClient'
  | 'UnknownCertificate'
  | 'UnknownTenant'
  | 'WrongTenant'
  | 'ConditionalAccess'
  | 'LoginExpired'
  | 'UntrustedToken'
  | 'ExpiredToken'

/** An error of Entra in plain words. Each text is one sentence without a full stop. */
export interface EntraError {
  readonly concern: Concern
  readonly meaning: string
  /** The most frequent cause. */
  readonly cause: string
  /** Why the error might go away by itself. Undefined if it does not. */
  readonly passing?: string
  /** The code of the LoginError if azwi's own login fails with this error. Undefined if such a login cannot fail with it. */
  readonly loginCode?: LoginErrorCode
}

const newCredentialDelay =
  'a new credential takes seconds to minutes until all of Entra knows it, and an exchange that was tried too early is remembered as a failure for minutes'
const exactComparison =
  'Entra compares every character: a slash at the end of the issuer, letter case, white space, namespace and name the wrong way round, the audience of another cloud'

const noMatchingCredential = (claim: 'issuer' | 'subject' | 'audience', cause: string): EntraError => ({
  concern: 'trust',
  meaning: `no credential of the identity has the token's ${claim}`,
  cause,
  passing: newCredentialDelay,
  loginCode: 'UntrustedToken'
})
const unreachable = (passing?: string): EntraError => ({
  concern: 'issuer',
  meaning: 'Entra could not fetch the discovery document or the key set of the issuer',
  cause:
    'the issuer is known only inside a network, a firewall is before it, its certificate is not trusted, or the documents were never published or are gone',
  ...(passing !== undefined && { passing })
})
const refusedByPolicy: EntraError = {
  concern: 'login',
  meaning: 'conditional access refuses this login',
  cause: 'a policy of the tenant asks for a managed device, a place or an app that this login is not from',
  loginCode: 'ConditionalAccess'
}
const signInAgain = (meaning: string): EntraError => ({
  concern: 'login',
  meaning,
  cause: 'the login that the Azure CLI or another tool has kept is not enough any more: log in again',
  loginCode: 'LoginExpired'
})
const accountOfOtherTenant: EntraError = {
  concern: 'login',
  meaning: 'the account that is logged in does not belong to this tenant',
  cause: 'the login is of another tenant, or the guest was never invited into this one',
  loginCode: 'WrongTenant'
}
const otherCloud: EntraError = {
  concern: 'request',
  meaning: 'the tenant belongs to another cloud',
  cause: "the login address (AZURE_AUTHORITY_HOST) is that of another cloud than the tenant's"
}
const wrongScope =
  'the tool or SDK was given a wrong scope: it is the resource with /.default after it, such as https://vault.azure.net/.default'

/**
 * The errors of Entra that users of workload identity see, by code. azwi only explains them, and does not decide by them, because Entra can
 * change its codes. The exception is `loginCode`.
 *
 * Sources: Entra's error code reference; recorded exchanges; issues that quote the answer (azure-workload-identity 605, 608, 642 and 1232,
 * azure-docs 86916, Azure/login 283 and 517, microsoft-identity-web 2519); the Teams SDK for 7000229; logs of public pipelines for 70025
 * and 7002381.
 */
export const entraErrors: Readonly<Record<string, EntraError>> = {
  AADSTS700211: noMatchingCredential(
    'issuer',
    `the credential is for another cluster, or for this one before it was created again; or its issuer is nearly right: ${exactComparison}`
  ),
  AADSTS700213: noMatchingCredential(
    'subject',
    `the credential is for another service account, or the pod runs as another one; ${exactComparison}`
  ),
  AADSTS700212: noMatchingCredential(
    'audience',
    'the credential is for the audience of another cloud, or the token was asked for with another audience than api://AzureADTokenExchange'
  ),
  AADSTS7002138: noMatchingCredential(
    'subject',
    'nothing but the letter case differs, and Entra distinguishes upper and lower case'
  ),
  AADSTS70021: {
    concern: 'trust',
    meaning: "no credential of the identity has the token's issuer, subject and audience",
    cause: `${exactComparison}; it is the older answer for any of the three`,
    passing: newCredentialDelay,
    loginCode: 'UntrustedToken'
  },
  AADSTS70025: {
    concern: 'trust',
    meaning: 'the identity has no federated credential at all',
    cause: 'the client id belongs to another identity than the intended one, or the credential was never created',
    passing: newCredentialDelay
  },
  AADSTS700222: {
    concern: 'token',
    meaning: "the token that was sent is one of Entra's own, which cannot be exchanged",
    cause: "an access token was put in place of the service account's token"
  },

  AADSTS700016: {
    concern: 'identity',
    meaning: 'the tenant has no application and no managed identity with this client id',
    cause: 'the client id is mistyped or its identity was deleted, or the tenant id is that of another tenant',
    loginCode: 'UnknownClient'
  },
  AADSTS7000229: {
    concern: 'identity',
    meaning: 'the application has no service principal in the tenant',
    cause: 'the service principal was deleted or never created, or the tenant id is that of another tenant'
  },
  AADSTS7000112: {
    concern: 'identity',
    meaning: 'the service principal is disabled',
    cause: 'somebody has switched off sign-in for the enterprise application (accountEnabled)'
  },

  AADSTS700024: {
    concern: 'token',
    meaning: 'the token has expired or is not valid yet',
    cause: 'it was read once and kept, while kubelet renews the file; or the clock of the control plane is wrong',
    loginCode: 'ExpiredToken'
  },
  AADSTS70023: {
    concern: 'token',
    meaning: 'the token lives longer than Entra allows, which is 24 hours',
    cause:
      "a token of the service account's default volume was sent, which lives for a year, or it was asked for with too long a life"
  },
  AADSTS5002738: {
    concern: 'token',
    meaning: 'the token is signed with an algorithm that Entra does not take: it takes only RS256',
    cause: 'the API server signs with an EC key'
  },
  AADSTS5002723: {
    concern: 'token',
    meaning: 'the token does not name the key that signed it (kid)',
    cause: 'what was sent is not a projected service account token'
  },
  AADSTS50027: {
    concern: 'token',
    meaning: 'what was sent is no token that Entra can read',
    cause: 'the file is cut off, or holds something else than the token'
  },
  AADSTS90014: {
    concern: 'token',
    meaning: 'a claim that the exchange needs is missing from the token',
    cause: 'what was sent is not a projected service account token'
  },
  AADSTS700027: {
    concern: 'token',
    meaning: 'the signing key is not registered with the application, or the signature is not valid',
    cause: 'the certificate of the login is not registered with the application; or the token was changed or cut off',
    loginCode: 'UnknownCertificate'
  },
  AADSTS700021: {
    concern: 'token',
    meaning: 'the assertion is of another client than the client id says',
    cause:
      "an assertion that a certificate signed for one application was sent for another; or the token is not the service account's"
  },

  AADSTS7000272: {
    concern: 'issuer',
    meaning: 'the key that signed the token is not in the key set that the issuer publishes',
    cause: "the API server's keys were rotated or the cluster was created again, and the new key set was not published",
    passing:
      'Entra goes on with the keys that it fetched before: half an hour has been seen after a new key set was published'
  },
  AADSTS90061: unreachable(),
  AADSTS501661: unreachable(),
  AADSTS50166: unreachable('it is seen with sound issuers too, now and then: try again'),
  AADSTS900612: {
    concern: 'issuer',
    meaning: 'Entra could not read the key set that the issuer publishes',
    cause: 'what is published is no JSON Web Key Set, or holds a broken key'
  },

  AADSTS90002: {
    concern: 'request',
    meaning: 'there is no such tenant in this cloud',
    cause: 'the tenant id is mistyped, or belongs to another cloud than the login address',
    loginCode: 'UnknownTenant'
  },
  AADSTS900023: {
    concern: 'request',
    meaning: 'what was given is no tenant: neither a GUID nor a domain',
    cause: 'the tenant id is mistyped, or a placeholder was left in'
  },
  AADSTS90038: otherCloud,
  AADSTS900382: otherCloud,
  AADSTS500011: {
    concern: 'request',
    meaning: 'the tenant does not know the resource that a token was asked for',
    cause: 'the resource is mistyped, or its service was never used in this tenant, or the tenant is another one'
  },
  AADSTS50001: {
    concern: 'request',
    meaning: 'the resource that a token was asked for does not exist or is disabled',
    cause: 'the resource is mistyped, or its service principal was disabled'
  },
  AADSTS65001: {
    concern: 'request',
    meaning: 'nobody has consented to the application asking for this',
    cause: 'an administrator has to consent to the permissions; a service account with roles in Azure needs none'
  },
  AADSTS700022: { concern: 'request', meaning: 'the scope names more than one resource', cause: wrongScope },
  AADSTS70011: { concern: 'request', meaning: 'the scope is not valid', cause: wrongScope },
  AADSTS1002012: { concern: 'request', meaning: 'the scope is not one that a workload can ask for', cause: wrongScope },
  AADSTS900144: {
    concern: 'request',
    meaning: 'the request lacks a parameter',
    cause: 'the tool or SDK was set up without it: a client id, a tenant id or a token file is missing'
  },
  AADSTS50196: {
    concern: 'request',
    meaning: 'the same was asked for too often in a short time',
    cause: 'the program does not keep its tokens, or tries a failure again without a pause',
    passing: 'Entra lets it through again after some minutes'
  },

  AADSTS7002381: {
    concern: 'elsewhere',
    meaning: 'the tenant takes tokens of GitHub only where they name an enterprise that it trusts',
    cause: "the workflow runs in a repository outside that enterprise: a fork, or a person's own"
  },
  AADSTS7000215: {
    concern: 'secret',
    meaning: 'the client secret is wrong',
    cause: "the secret's id was given in place of its value, or it belongs to another application",
    loginCode: 'WrongClientSecret'
  },
  AADSTS7000222: {
    concern: 'secret',
    meaning: 'the client secret has expired',
    cause: 'client secrets expire after a time that is set when they are created',
    loginCode: 'ExpiredClientSecret'
  },
  AADSTS7000218: {
    concern: 'identity',
    meaning: 'neither a token nor a secret was sent',
    cause:
      'the tool or SDK did not find what it was to log in with: in a pod, the webhook did not set AZURE_FEDERATED_TOKEN_FILE'
  },
  AADSTS50005: refusedByPolicy,
  AADSTS53000: refusedByPolicy,
  AADSTS53003: refusedByPolicy,
  AADSTS530003: refusedByPolicy,
  AADSTS50020: accountOfOtherTenant,
  AADSTS90072: accountOfOtherTenant,
  AADSTS50076: signInAgain('multi-factor authentication is needed'),
  AADSTS50079: signInAgain('multi-factor authentication is needed'),
  AADSTS50173: signInAgain('the login has been revoked'),
  AADSTS70043: signInAgain('the login is older than conditional access allows'),
  AADSTS70044: signInAgain('the login is older than conditional access allows'),
  AADSTS700082: signInAgain('the login has expired because it was not used for a long time')
}
