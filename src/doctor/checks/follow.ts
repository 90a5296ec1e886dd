import { isElsewhere } from '../../connections/problems.js'
import type { ConnectedIdentity, Connection } from '../../connections/model.js'
import type { Case, ServiceAccountEvidence } from '../evidence/model.js'
import { nearestCredential } from './nearest-credential.js'

/** The identity that a service account leads to, or why there is none to judge: the end of `skipped`. */
export type Followed =
  { readonly connection: Connection; readonly identity: ConnectedIdentity } | { readonly why: string }

/** Follows a service account to its identity, as far as it leads. */
export function followToIdentity({ account: evidence }: Case): Followed {
  const { account, connection, tenantId, deleted } = evidence
  if (account === null) return { why: noServiceAccount }
  if (account === undefined || connection === undefined)
    return { why: whyUnread(evidence, 'the service account', 'service accounts') }
  if (connection.clientId === '') return { why: 'the service account names no identity' }
  if (isElsewhere(connection.tenantId, tenantId))
    return {
      why: `the service account names the tenant ${connection.tenantId ?? ''}, and ${tenantId ?? ''} was looked into`
    }
  const { identity } = connection
  if (identity === undefined)
    return { why: whyUnread(evidence, 'its identity', 'managed identities', 'applications', 'service principals') }
  if (mistaken(evidence) !== undefined) return { why: `"${identity?.name ?? ''}" is not the identity that is meant` }
  if (identity === null)
    return {
      why: deleted
        ? `the application "${deleted.displayName}" is deleted`
        : `no identity has the client id ${JSON.stringify(connection.clientId)}`
    }
  return { connection, identity }
}

/**
 * The identity that is named by mistake: it does not trust the service account, not even nearly, and another one does. To make it trust it would
 * give the pods its rights.
 */
export function mistaken({ candidate, connection, subjects }: ServiceAccountEvidence): ConnectedIdentity | undefined {
  const { identity, credential, credentials, issuer, subject } = connection ?? {}
  if (!identity || credential !== null || candidate === undefined || subject === undefined) return undefined
  if (candidate.clientId.toLowerCase() === identity.clientId.toLowerCase()) return undefined
  return nearestCredential({ issuer, subject, subjects }, credentials ?? [])?.isMeant === true ? undefined : identity
}

export const noServiceAccount = 'there is no such service account'

/** Why something could not be looked at, by the names under which a refusal may be remembered. */
export function whyUnread({ unread }: ServiceAccountEvidence, what: string, ...names: readonly string[]): string {
  const refused = [...names, 'managed identities and roles', 'Azure'].find(name => unread.has(name))
  return refused === undefined
    ? `${what} could not be looked at`
    : `${refused} may not be read: ${unread.get(refused) ?? ''}`
}

/** An identity as it is spoken of: `the application "shop"`. */
export function called({ kind, name }: ConnectedIdentity): string {
  return `the ${kind === 'application' ? 'application' : 'managed identity'} "${name}"`
}
