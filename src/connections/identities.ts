import type { FederatedIdentityCredential } from '../domain/credential.js'
import { isGuid, parseManagedIdentityId } from '../domain/azure-ids.js'
import type { ConnectedIdentity, Found } from './model.js'
import type { Context, Service } from '../context.js'
import { once } from '../async.js'
import { type DeniedReads, httpStatusOf } from './denied-reads.js'

export interface ConnectedIdentities {
  /** Begins what needs no client id, before any is known. */
  readonly begin: () => Promise<unknown>
  readonly identity: (clientId: string) => Promise<Found<ConnectedIdentity>>
  readonly credentials: (identity: ConnectedIdentity) => Promise<readonly FederatedIdentityCredential[] | undefined>
}

/**
 * Finds identities by client id. Of either kind it may be, so both are asked for at the same time: managed identities by one list of the
 * subscription, since they cannot be asked for by client id; applications and service principals by look-ups that the client gathers.
 */
export function connectedIdentities(
  context: Context,
  reach: ReadonlySet<Service>,
  { allow }: DeniedReads
): ConnectedIdentities {
  const managed = once(async () =>
    reach.has('arm')
      ? allow('managed identities', async () =>
          (await context.managedIdentities()).identitiesIn(await context.subscriptionId())
        )
      : undefined
  )
  const inDirectory = async <T>(what: string, lookUp: () => Promise<T | undefined>): Promise<Found<T>> =>
    reach.has('graph') ? allow(what, async () => (await lookUp()) ?? null) : undefined

  const find = async (clientId: string): Promise<Found<ConnectedIdentity>> => {
    if (!isGuid(clientId)) return null
    const [identities, application, principal] = await Promise.all([
      managed(),
      inDirectory('applications', async () => (await context.graph()).applications.byClientId(clientId)),
      inDirectory('service principals', async () => (await context.graph()).servicePrincipals.byClientId(clientId))
    ])
    const own = identities?.find(each => each.clientId.toLowerCase() === clientId)
    if (own !== undefined)
      return {
        kind: 'managed-identity',
        name: own.name,
        clientId,
        id: own.id,
        principalId: own.principalId,
        enabled: principal?.enabled
      }
    if (application) {
      const { displayName: name, objectId: id } = application
      return {
        kind: 'application',
        name,
        clientId,
        id,
        principalId: principal === null ? null : principal?.objectId,
        enabled: principal?.enabled
      }
    }
    // The directory also knows the managed identities of other subscriptions, and principals whose application is in another tenant.
    if (principal) {
      const { displayName: name, objectId: principalId, managedIdentityId: id, enabled } = principal
      return { kind: id === undefined ? 'application' : 'managed-identity', name, clientId, id, principalId, enabled }
    }
    return [identities, application, principal].includes(undefined) ? undefined : null
  }

  const list = async ({ kind, id }: ConnectedIdentity): Promise<readonly FederatedIdentityCredential[] | undefined> => {
    if (id === undefined || !reach.has(kind === 'application' ? 'graph' : 'arm')) return undefined
    return allow(
      kind === 'application' ? 'credentials of applications' : 'credentials of managed identities',
      async () => {
        try {
          if (kind === 'application') return await (await context.graph()).credentials.list(id)
          const reference = parseManagedIdentityId(id)
          return reference === undefined ? undefined : await (await context.managedIdentities()).credentials(reference)
        } catch (error) {
          // Deleted since it was listed.
          if (httpStatusOf(error) === 404) return []
          throw error
        }
      }
    )
  }

  return {
    begin: managed,
    identity: oncePerKey(
      clientId => clientId.toLowerCase(),
      clientId => find(clientId.toLowerCase())
    ),
    credentials: oncePerKey(({ clientId }) => clientId, list)
  }
}

/** Many service accounts may share an identity: it is looked up once. */
function oncePerKey<Of, T>(keyOf: (of: Of) => string, lookUp: (of: Of) => Promise<T>): (of: Of) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return of => {
    const found = known.get(keyOf(of)) ?? lookUp(of)
    known.set(keyOf(of), found)
    return found
  }
}
