import { annotation } from '../domain/annotations.js'
import { type FederatedIdentityCredential, nearMisses } from '../domain/credential.js'
import type { Connection, Problem } from './model.js'

export interface Expectations {
  /** The tenant of the login. Undefined without a login to Azure. */
  readonly tenantId: string | undefined
  /** The audience that Entra expects in a token. */
  readonly audience: string
}

/** Returns the problems of a connection. Leaves out what only follows from another problem, such as missing credentials of a missing identity. */
export function problemsOf(connection: Omit<Connection, 'problems'>, { tenantId, audience }: Expectations): Problem[] {
  const { clientId, identity, credential, credentials = [], roles } = connection
  if (clientId === '')
    return [{ code: 'NoClientId', message: `the annotation ${annotation.clientId} is missing or empty` }]
  if (isOtherTenant(connection.tenantId, tenantId)) {
    return [
      {
        code: 'OtherTenant',
        message: `it belongs to the tenant ${connection.tenantId ?? ''}, and the login is for ${tenantId ?? ''}: its identity cannot be seen from here`
      }
    ]
  }
  if (identity === undefined) return []
  if (identity === null)
    return [
      { code: 'IdentityNotFound', message: `no application and no managed identity has the client id ${clientId}` }
    ]
  const problems: Problem[] = []
  if (identity.principalId === null)
    problems.push({ code: 'PrincipalNotFound', message: `"${identity.name}" has no service principal in this tenant` })
  if (credential === null) problems.push({ code: 'NoCredential', message: noCredential(connection, credentials) })
  else if (credential !== undefined && !(credential.audiences.length === 1 && credential.audiences[0] === audience)) {
    problems.push({
      code: 'WrongAudience',
      message: `the credential ${credential.name} is for the audience ${credential.audiences.join(', ')}, and a pod's token is for ${audience}`
    })
  }
  if (roles?.length === 0 && identity.principalId !== null)
    problems.push({ code: 'NoRole', message: `"${identity.name}" has no role of its own in this subscription` })
  return problems
}

/** Reports whether the tenant that a service account names is not the tenant of the login. */
export function isOtherTenant(annotatedTenantId: string | undefined, tenantId: string | undefined): boolean {
  return (
    annotatedTenantId !== undefined &&
    annotatedTenantId !== '' &&
    tenantId !== undefined &&
    annotatedTenantId.toLowerCase() !== tenantId.toLowerCase()
  )
}

/** Entra compares byte for byte, so the message shows a credential that looks like the wanted one. */
function noCredential(
  { issuer = '', subject }: Pick<Connection, 'issuer' | 'subject'>,
  credentials: readonly FederatedIdentityCredential[]
): string {
  const message = `no credential is for exactly ${subject} of the issuer ${issuer}`
  const [nearMiss] = nearMisses({ issuer, subject }, credentials)
  if (nearMiss !== undefined)
    return `${message}; nearly: ${nearMiss.name} is for ${nearMiss.subject} of ${nearMiss.issuer}`
  const sameSubject = credentials.find(credential => credential.subject === subject)
  return sameSubject === undefined
    ? message
    : `${message}; ${sameSubject.name} is for the same subject of ${sameSubject.issuer}`
}
