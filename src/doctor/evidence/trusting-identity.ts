import { once } from '../../async.js'
import type { DeniedReads } from '../../connections/denied-reads.js'
import type { Connection } from '../../connections/model.js'
import { parseManagedIdentityId } from '../../domain/azure-ids.js'
import { type FederatedIdentityCredential, sameTrust } from '../../domain/credential.js'
import { defaultApplicationName } from '../../domain/names.js'
import type { Context, Service } from '../../context.js'
import { undefinedIfNotFound } from '../../net/service-error.js'
import type { TrustingIdentity } from './model.js'

/** Listing credentials takes one request for each managed identity, so this limits the number of requests. */
const mostIdentities = 50

export type TrustingIdentityFinder = (
  account: Pick<Connection, 'issuer' | 'subject' | 'namespace' | 'name'>
) => Promise<TrustingIdentity | undefined>

/**
 * Returns a function that finds the identity that trusts a service account which does not name it. It looks at the application with the name that
 * azwi gives by default, and at the managed identities of the subscription. The result is undefined if there is no such identity, or no permission
 * to read it. The managed identities are read once for all service accounts.
 */
export function createTrustingIdentityFinder(
  context: Context,
  services: ReadonlySet<Service>,
  deniedReads: DeniedReads
): TrustingIdentityFinder {
  const managedIdentities = once(async () =>
    deniedReads.readIfAllowed('managed identities', async () => {
      const [client, subscription] = await Promise.all([context.managedIdentities(), context.subscriptionId()])
      const identities = (await client.identitiesIn(subscription)).slice(0, mostIdentities)
      return Promise.all(
        identities.map(async ({ id, name, clientId }) => {
          const reference = parseManagedIdentityId(id)
          return {
            name,
            clientId,
            credentials: reference === undefined ? [] : await emptyIfNotFound(client.credentials.list(reference))
          }
        })
      )
    })
  )
  return async ({ issuer, subject, namespace, name }) => {
    if (issuer === undefined) return undefined
    const trustsAccount = sameTrust({ issuer, subject })
    const application = !services.has('graph')
      ? undefined
      : await deniedReads.readIfAllowed('applications', async () => {
          const graph = await context.graph()
          const named = await graph.applications.named(defaultApplicationName(namespace, name, issuer))
          const trusting = await Promise.all(
            named.map(async ({ objectId }) =>
              (await emptyIfNotFound(graph.credentials.list(objectId))).some(trustsAccount)
            )
          )
          return named.find((_, index) => trusting[index])
        })
    if (application !== undefined) return { clientId: application.clientId, name: application.displayName }
    const identity = services.has('arm')
      ? (await managedIdentities())?.find(({ credentials }) => credentials.some(trustsAccount))
      : undefined
    return identity && { clientId: identity.clientId, name: identity.name }
  }
}

/** Somebody might have deleted an identity since it was listed. The others are still of interest. */
async function emptyIfNotFound(
  credentials: Promise<readonly FederatedIdentityCredential[]>
): Promise<readonly FederatedIdentityCredential[]> {
  return (await undefinedIfNotFound(credentials)) ?? []
}
