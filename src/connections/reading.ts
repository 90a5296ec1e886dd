import type { ServiceAccount } from '../clients/kubernetes/client.js'
import { annotation } from '../domain/annotations.js'
import { type FederatedIdentityCredential, sameTrust } from '../domain/credential.js'
import { serviceAccountSubject } from '../domain/subject.js'
import { connectedIdentities } from './identities.js'
import type { Connection, Found } from './model.js'
import { isElsewhere, problemsOf } from './problems.js'
import type { Context, Service } from '../context.js'
import { heldRoles } from './roles.js'
import { once } from '../async.js'
import type { DeniedReads } from './denied-reads.js'
import { ourAnnotations } from '../ownership/service-account.js'

export interface Connections {
  /** Undefined where the cluster does not let us read it. */
  readonly issuer: string | undefined
  readonly connections: readonly Connection[]
}

/** Whether a service account has anything of workload identity on it, even if it leads nowhere. */
export const isConnected = (account: ServiceAccount): boolean => ourAnnotations(account).length > 0

/**
 * Follows service accounts to their identities, credentials and roles. Only reads, and only services within `reach`. Nothing waits for what
 * it does not depend on: cluster → identity → credential is the longest way, and roles are listed meanwhile.
 */
export async function readConnections(
  context: Context,
  reach: ReadonlySet<Service>,
  refusals: DeniedReads,
  accounts: () => Promise<readonly ServiceAccount[]>
): Promise<Connections> {
  const identities = connectedIdentities(context, reach, refusals)
  const roles = heldRoles(context, reach, refusals)
  const issuer = once(() => refusals.allow('the issuer of the cluster', context.issuer))
  const tenantId = once(async () => (reach.has('graph') ? context.knownTenantId() : undefined))

  const connect = async (account: ServiceAccount): Promise<Connection> => {
    const namespace = account.metadata?.namespace ?? ''
    const name = account.metadata?.name ?? ''
    const annotations = account.metadata?.annotations ?? {}
    const subject = serviceAccountSubject(namespace, name)
    const clientId = annotations[annotation.clientId] ?? ''
    const annotated = { clientId: clientId.trim() === '' ? '' : clientId, tenantId: annotations[annotation.tenantId] }
    const [found, { exchangeAudience: audience }, published] = await Promise.all([
      annotated.clientId === '' ? null : identities.identity(annotated.clientId),
      context.cloud(),
      issuer()
    ])
    const ours = await tenantId()
    const identity = isElsewhere(annotated.tenantId, ours) ? undefined : found
    const [credentials, held] = await Promise.all([
      identity ? identities.credentials(identity) : undefined,
      identity?.principalId ? roles.of(identity.principalId) : identity?.principalId === null ? [] : undefined
    ])
    const connection = {
      namespace,
      name,
      ...annotated,
      subject,
      issuer: published,
      identity,
      credentials,
      roles: held,
      credential: credentials && trusting(subject, published, credentials)
    }
    return { ...connection, problems: problemsOf(connection, { tenantId: ours, audience }) }
  }

  const [connections, published] = await Promise.all([
    accounts().then(list => Promise.all(list.map(connect))),
    issuer(),
    identities.begin(),
    roles.begin()
  ])
  return { issuer: published, connections }
}

/** Where the issuer is not known, a credential for the subject may or may not be the one; where there is none, that much is sure. */
function trusting(
  subject: string,
  issuer: string | undefined,
  credentials: readonly FederatedIdentityCredential[]
): Found<FederatedIdentityCredential> {
  if (issuer !== undefined) return credentials.find(sameTrust({ issuer, subject })) ?? null
  return credentials.some(each => each.subject === subject) ? undefined : null
}
