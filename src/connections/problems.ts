import { annotation } from '../domain/annotations.js'
import { type FederatedIdentityCredential, nearMisses } from '../domain/credential.js'
import type { Connection, Problem } from './model.js'

/** What the connection is to be measured against. */
export interface Expected {
  /** The tenant that was looked into; undefined where none was. */
  readonly tenantId: string | undefined
  /** What Entra wants a token to be for. */
  readonly audience: string
}

/** All that does not fit, the causes and not what follows from them: where the identity is missing, so are its credentials. */
export function problemsOf(connection: Omit<Connection, 'problems'>, { tenantId, audience }: Expected): Problem[] {
  const { clientId, identity, credential, credentials = [], roles } = connection
  if (clientId === '')
    return [{ code: 'NoClientId', message: `the annotation ${annotation.clientId} is missing or empty` }]
  if (isElsewhere(connection.tenantId, tenantId)) {
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

/** Whether a service account names another tenant than the one that was looked into. */
export function isElsewhere(annotated: string | undefined, tenantId: string | undefined): boolean {
  return (
    annotated !== undefined &&
    annotated !== '' &&
    tenantId !== undefined &&
    annotated.toLowerCase() !== tenantId.toLowerCase()
  )
}

/** Entra compares byte for byte, so a person is shown what looks like the one that is wanted. */
function noCredential(
  { issuer = '', subject }: Pick<Connection, 'issuer' | 'subject'>,
  credentials: readonly FederatedIdentityCredential[]
): string {
  const wanted = `no credential is for exactly ${subject} of the issuer ${issuer}`
  const [near] = nearMisses({ issuer, subject }, credentials)
  if (near !== undefined) return `${wanted}; nearly: ${near.name} is for ${near.subject} of ${near.issuer}`
  const [other] = credentials.filter(each => each.subject === subject)
  return other === undefined ? wanted : `${wanted}; ${other.name} is for the same subject of ${other.issuer}`
}
