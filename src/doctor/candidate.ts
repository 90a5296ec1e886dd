import { defaultApplicationName } from '../identity/application-name.js'
import { sameTrust } from '../identity/federated-credential.js'
import { parseManagedIdentityId } from '../identity/managed-identity-id.js'
import type { Connection } from '../phases/connection.js'
import type { Context, Service } from '../phases/context.js'
import type { Refusals } from '../phases/refusals.js'

export interface Candidate {
  readonly clientId: string
  readonly name: string
}

/** Of more managed identities than these, the credentials are not asked for one after the other. */
const mostIdentities = 50

/**
 * The identity that trusts a service account which does not name it: an application of the name that azwi would give it, or any managed
 * identity of the subscription. Undefined where there is none, or none that can be seen.
 */
export async function findCandidate(context: Context, reach: ReadonlySet<Service>, refusals: Refusals, of: Pick<Connection, 'issuer' | 'subject' | 'namespace' | 'name'>): Promise<Candidate | undefined> {
  const { issuer, subject, namespace, name } = of
  if (issuer === undefined) return undefined
  const isIt = sameTrust({ issuer, subject })
  const [application, identity] = await Promise.all([
    reach.has('graph') ? refusals.allow('applications', async () => {
      const graph = await context.graph()
      const named = await graph.applicationsNamed(defaultApplicationName(namespace, name, issuer))
      const trusting = await Promise.all(named.map(async each => (await graph.credentials(each.objectId)).some(isIt)))
      return named.find((_, index) => trusting[index])
    }) : undefined,
    reach.has('arm') ? refusals.allow('managed identities', async () => {
      const [client, subscription] = await Promise.all([context.managedIdentities(), context.subscriptionId()])
      const all = (await client.identitiesIn(subscription)).slice(0, mostIdentities)
      const trusting = await Promise.all(all.map(async ({ id }) => {
        const reference = parseManagedIdentityId(id)
        return reference !== undefined && (await client.credentials(reference)).some(isIt)
      }))
      return all.find((_, index) => trusting[index])
    }) : undefined
  ])
  if (application !== undefined) return { clientId: application.clientId, name: application.displayName }
  return identity && { clientId: identity.clientId, name: identity.name }
}
