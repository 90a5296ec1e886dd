import type { ConnectedIdentity, Connection } from '../../connections/model.js'
import { isOtherTenant } from '../../connections/problems.js'
import type { Evidence, ServiceAccountEvidence } from '../evidence/model.js'
import { nearestCredential } from './nearest-credential.js'

/** The identity that a service account leads to, or the reason why there is none to check: the message of a skipped finding. */
export type IdentityResolution =
  { readonly connection: Connection; readonly identity: ConnectedIdentity } | { readonly reason: string }

/** Resolves the identity that a service account names, from the evidence. */
export function resolveIdentity({ account: evidence }: Evidence): IdentityResolution {
  const { account, connection, tenantId, deletedApplication } = evidence
  if (account === null) return { reason: noServiceAccount }
  if (account === undefined || connection === undefined)
    return { reason: unreadReason(evidence, 'the service account', 'service accounts') }
  if (connection.clientId === '') return { reason: 'the service account names no identity' }
  if (isOtherTenant(connection.tenantId, tenantId))
    return {
      reason: `the service account names the tenant ${connection.tenantId ?? ''}, and ${tenantId ?? ''} was looked into`
    }
  const { identity } = connection
  if (identity === undefined)
    return {
      reason: unreadReason(evidence, 'its identity', 'managed identities', 'applications', 'service principals')
    }
  if (wrongIdentity(evidence) !== undefined)
    return { reason: `"${identity?.name ?? ''}" is not the identity that is meant` }
  if (identity === null)
    return {
      reason: deletedApplication
        ? `the application "${deletedApplication.displayName}" is deleted`
        : `no identity has the client id ${JSON.stringify(connection.clientId)}`
    }
  return { connection, identity }
}

/**
 * Returns the identity that a service account names by mistake: it has no credential for the service account, not even a mistyped one, and another
 * identity has one. Adding a credential to the named identity would give its permissions to the pods.
 */
export function wrongIdentity({
  trustingIdentity,
  connection,
  subjects
}: ServiceAccountEvidence): ConnectedIdentity | undefined {
  const { identity, credential, credentials, issuer, subject } = connection ?? {}
  if (!identity || credential !== null || trustingIdentity === undefined || subject === undefined) return undefined
  if (trustingIdentity.clientId.toLowerCase() === identity.clientId.toLowerCase()) return undefined
  return nearestCredential({ issuer, subject, subjects }, credentials ?? [])?.isMistyped === true ? undefined : identity
}

export const noServiceAccount = 'there is no such service account'

/** Returns the reason why evidence is missing. `names` are the names under which a denied lookup might be recorded. */
export function unreadReason({ unread }: ServiceAccountEvidence, subject: string, ...names: readonly string[]): string {
  const denied = [...names, 'managed identities and roles', 'Azure'].find(name => unread.has(name))
  return denied === undefined
    ? `${subject} could not be looked at`
    : `${denied} could not be read: ${unread.get(denied) ?? ''}`
}

/** Returns kind and name of an identity for a message: `the application "shop"`. */
export function describeIdentity({ kind, name }: ConnectedIdentity): string {
  return `the ${kind === 'application' ? 'application' : 'managed identity'} "${name}"`
}
