import { once } from '../async.js'
import { isGuid, parseManagedIdentityId } from '../domain/azure-ids.js'
import type { FederatedIdentityCredential } from '../domain/credential.js'
import type { Context, Service } from '../context.js'
import { type DeniedReads, httpStatusOf } from './denied-reads.js'
import type { ConnectedIdentity, Found } from './model.js'

export interface IdentityReader {
  /** Starts the requests that need no client ID. */
  readonly prefetch: () => Promise<unknown>
  readonly findIdentity: (clientId: string) => Promise<Found<ConnectedIdentity>>
  /** Returns all credentials of an identity, or undefined if they could not be read. */
  readonly readCredentials: (identity: ConnectedIdentity) => Promise<readonly FederatedIdentityCredential[] | undefined>
}

/**
 * Creates a reader that finds identities of both kinds by client ID, each identity once.
 *
 * Azure has no lookup of a managed identity by client ID, so the reader lists those of the subscription once. The Graph client batches the lookups
 * of applications and service principals.
 */
export function createIdentityReader(
  context: Context,
  services: ReadonlySet<Service>,
  { readIfAllowed }: DeniedReads
): IdentityReader {
  const listManagedIdentities = once(async () =>
    services.has('arm')
      ? readIfAllowed('managed identities', async () =>
          (await context.managedIdentities()).identitiesIn(await context.subscriptionId())
        )
      : undefined
  )
  const readDirectory = async <T>(name: string, lookUp: () => Promise<T | undefined>): Promise<Found<T>> =>
    services.has('graph') ? readIfAllowed(name, async () => (await lookUp()) ?? null) : undefined

  const findIdentity = async (clientId: string): Promise<Found<ConnectedIdentity>> => {
    if (!isGuid(clientId)) return null
    const [managedIdentities, application, principal] = await Promise.all([
      listManagedIdentities(),
      readDirectory('applications', async () => (await context.graph()).applications.byClientId(clientId)),
      readDirectory('service principals', async () => (await context.graph()).servicePrincipals.byClientId(clientId))
    ])
    const managedIdentity = managedIdentities?.find(identity => identity.clientId.toLowerCase() === clientId)
    if (managedIdentity !== undefined)
      return {
        kind: 'managed-identity',
        name: managedIdentity.name,
        clientId,
        id: managedIdentity.id,
        principalId: managedIdentity.principalId,
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
    // A service principal alone belongs to a managed identity of another subscription, or to an application of another tenant.
    if (principal) {
      const { displayName: name, objectId: principalId, managedIdentityId: id, enabled } = principal
      return { kind: id === undefined ? 'application' : 'managed-identity', name, clientId, id, principalId, enabled }
    }
    return [managedIdentities, application, principal].includes(undefined) ? undefined : null
  }

  const readCredentials = async ({
    kind,
    id
  }: ConnectedIdentity): Promise<readonly FederatedIdentityCredential[] | undefined> => {
    if (id === undefined || !services.has(kind === 'application' ? 'graph' : 'arm')) return undefined
    return readIfAllowed(
      kind === 'application' ? 'credentials of applications' : 'credentials of managed identities',
      async () => {
        try {
          if (kind === 'application') return await (await context.graph()).credentials.list(id)
          const reference = parseManagedIdentityId(id)
          return reference === undefined
            ? undefined
            : await (await context.managedIdentities()).credentials.list(reference)
        } catch (error) {
          // Somebody has deleted the identity since it was listed.
          if (httpStatusOf(error) === 404) return []
          throw error
        }
      }
    )
  }

  return {
    prefetch: listManagedIdentities,
    findIdentity: oncePerKey(
      clientId => clientId.toLowerCase(),
      clientId => findIdentity(clientId.toLowerCase())
    ),
    readCredentials: oncePerKey(({ clientId }) => clientId, readCredentials)
  }
}

/** Runs a lookup once for each key, because many service accounts might share an identity. */
function oncePerKey<Input, T>(
  keyOf: (input: Input) => string,
  lookUp: (input: Input) => Promise<T>
): (input: Input) => Promise<T> {
  const results = new Map<string, Promise<T>>()
  return input => {
    const result = results.get(keyOf(input)) ?? lookUp(input)
    results.set(keyOf(input), result)
    return result
  }
}
