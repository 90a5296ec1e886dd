import { defaultApplicationName } from '../../domain/names.js'
import { sameTrust } from '../../domain/credential.js'
import { parseManagedIdentityId } from '../../domain/azure-ids.js'
import type { Connection } from '../../connections/model.js'
import type { Context, Service } from '../../context.js'
import { once } from '../../async.js'
import type { DeniedReads } from '../../connections/denied-reads.js'

export interface LikelyIdentity {
  readonly clientId: string
  readonly name: string
}

/** Of more managed identities than these, the credentials are not asked for one after the other. */
const mostIdentities = 50

/** Of whom the one is looked for. */
export type Orphan = Pick<Connection, 'issuer' | 'subject' | 'namespace' | 'name'>

/**
 * Finds the identity that trusts a service account which does not name it: an application of the name that azwi would give it, or any managed
 * identity of the subscription. Undefined where there is none, or none that can be seen. What is the same for all is asked for once.
 */
export function likelyIdentities(
  context: Context,
  reach: ReadonlySet<Service>,
  refusals: DeniedReads
): (of: Orphan) => Promise<LikelyIdentity | undefined> {
  const managed = once(async () =>
    refusals.allow('managed identities', async () => {
      const [client, subscription] = await Promise.all([context.managedIdentities(), context.subscriptionId()])
      const all = (await client.identitiesIn(subscription)).slice(0, mostIdentities)
      return Promise.all(
        all.map(async ({ id, name, clientId }) => {
          const reference = parseManagedIdentityId(id)
          return { name, clientId, credentials: reference === undefined ? [] : await client.credentials(reference) }
        })
      )
    })
  )
  return async ({ issuer, subject, namespace, name }) => {
    if (issuer === undefined) return undefined
    const isIt = sameTrust({ issuer, subject })
    const application = !reach.has('graph')
      ? undefined
      : await refusals.allow('applications', async () => {
          const graph = await context.graph()
          const named = await graph.applications.named(defaultApplicationName(namespace, name, issuer))
          const trusting = await Promise.all(
            named.map(async each => (await graph.credentials.list(each.objectId)).some(isIt))
          )
          return named.find((_, index) => trusting[index])
        })
    if (application !== undefined) return { clientId: application.clientId, name: application.displayName }
    const identity = reach.has('arm') ? (await managed())?.find(({ credentials }) => credentials.some(isIt)) : undefined
    return identity && { clientId: identity.clientId, name: identity.name }
  }
}
