import type { Context } from '../context.js'
import { parseManagedIdentityId } from '../domain/azure-ids.js'
import type { FederatedIdentityCredential } from '../domain/credential.js'
import { applicationTag, isMarkedManagedIdentity } from '../domain/marks.js'
import { AzwiError, InterruptedError } from '../errors.js'
import type { Application } from '../clients/graph/client.js'
import { ifAllowed, visibleSubscriptions } from './subscriptions.js'

/** An identity that service accounts might have been connected to earlier. */
export interface Candidate {
  /** In lower case. */
  readonly clientId: string
  /** The flag that names it, in camel case, with its value. */
  readonly flag: { readonly aadApplicationObjectId: string } | { readonly managedIdentityResourceId: string }
  readonly credentials: () => Promise<readonly FederatedIdentityCredential[]>
}

/** The names and client IDs under which an earlier identity can be found although it has no mark. */
export interface KnownNames {
  /** Client IDs in lower case. */
  readonly clientIds: ReadonlySet<string>
  /** Display names that azwi derives. The Go azwi derives the same, and marks only the service principal. */
  readonly applicationNames: readonly string[]
}

/**
 * Lists the identities that bear the mark of azwi, in the directory and in every subscription that the login can see, and those with a known name or
 * client ID. The number of requests depends on the number of subscriptions and on the pages of the lists, not on the number of service accounts.
 *
 * A mark proves nothing. A candidate belongs to a connection only if one of its credentials says so. If a list cannot be read, logs that and leaves its
 * identities out.
 */
export async function listCandidates(context: Context, known: KnownNames): Promise<Candidate[]> {
  const [applications, identities] = await Promise.all([
    whatCanBeRead(context, 'applications', () => applicationCandidates(context, known)),
    whatCanBeRead(context, 'managed identities', () => managedIdentityCandidates(context, known))
  ])
  return [...new Map([...applications, ...identities].map(candidate => [candidate.clientId, candidate])).values()]
}

async function whatCanBeRead<T>(
  { log }: Context,
  what: string,
  work: () => Promise<readonly T[]>
): Promise<readonly T[]> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AzwiError) || error instanceof InterruptedError) throw error
    log.info(`could not look for ${what} that no workload uses any more`, { because: error.message })
    return []
  }
}

async function applicationCandidates(
  { graph }: Context,
  { clientIds, applicationNames }: KnownNames
): Promise<Candidate[]> {
  const client = await graph()
  // Names are looked up only if the list may be read, because each batch of them would be refused too.
  const marked = await client.applications.tagged(applicationTag)
  const [byId, byName] = await Promise.all([
    Promise.all([...clientIds].map(id => client.applications.byClientId(id))),
    Promise.all(applicationNames.map(name => client.applications.named(name)))
  ])
  const found: (Application | undefined)[] = [...marked, ...byId, ...byName.flat()]
  return found
    .filter(each => each !== undefined)
    .map(({ clientId, objectId }) => ({
      clientId: clientId.toLowerCase(),
      flag: { aadApplicationObjectId: objectId },
      credentials: () => client.credentials.list(objectId)
    }))
}

async function managedIdentityCandidates(context: Context, { clientIds }: KnownNames): Promise<Candidate[]> {
  const [client, subscriptions] = await Promise.all([context.managedIdentities(), visibleSubscriptions(context)])
  const listed = await Promise.all(
    subscriptions.map(({ id }) =>
      ifAllowed(
        context,
        () => client.identitiesIn(id),
        `could not list the managed identities in the subscription ${id}`
      )
    )
  )
  return listed
    .flatMap(identities => identities ?? [])
    .filter(identity => isMarkedManagedIdentity(identity) || clientIds.has(identity.clientId.toLowerCase()))
    .flatMap(({ id, clientId }) => {
      const reference = parseManagedIdentityId(id)
      if (reference === undefined) return []
      return {
        clientId: clientId.toLowerCase(),
        flag: { managedIdentityResourceId: id },
        credentials: () => client.credentials.list(reference)
      }
    })
}
