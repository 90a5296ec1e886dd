import { once } from '../async.js'
import type { ServiceAccount } from '../clients/kubernetes/client.js'
import { annotation } from '../domain/annotations.js'
import { type FederatedIdentityCredential, flexibleCredentials, sameTrust } from '../domain/credential.js'
import { serviceAccountSubject } from '../domain/subject.js'
import type { Context, Service } from '../context.js'
import type { DeniedReads } from './denied-reads.js'
import { createIdentityReader } from './identities.js'
import type { Connection, Found } from './model.js'
import { isOtherTenant, problemsOf } from './problems.js'
import { createRoleReader } from './roles.js'

export interface Connections {
  /** The issuer of the cluster. Undefined without permission to read it. */
  readonly issuer: string | undefined
  readonly connections: readonly Connection[]
}

/**
 * Reads what the annotations of service accounts lead to: identity, credential and roles. Reads only from `services`, and changes nothing.
 *
 * No lookup waits for one that it does not need. The longest chain is cluster → identity → credential; the roles are listed meanwhile.
 */
export async function readConnections(
  context: Context,
  services: ReadonlySet<Service>,
  deniedReads: DeniedReads,
  listAccounts: () => Promise<readonly ServiceAccount[]>
): Promise<Connections> {
  const identityReader = createIdentityReader(context, services, deniedReads)
  const roleReader = createRoleReader(context, services, deniedReads)
  const readIssuer = once(() => deniedReads.readIfAllowed('the issuer of the cluster', context.issuer))
  const readTenantId = once(async () => (services.has('graph') ? context.knownTenantId() : undefined))

  const readConnection = async (account: ServiceAccount): Promise<Connection> => {
    const namespace = account.metadata?.namespace ?? ''
    const name = account.metadata?.name ?? ''
    const annotations = account.metadata?.annotations ?? {}
    const subject = serviceAccountSubject(namespace, name)
    const clientId = annotations[annotation.clientId] ?? ''
    const annotated = { clientId: clientId.trim() === '' ? '' : clientId, tenantId: annotations[annotation.tenantId] }
    const [found, { exchangeAudience: audience }, issuer] = await Promise.all([
      annotated.clientId === '' ? null : identityReader.findIdentity(annotated.clientId),
      context.cloud(),
      readIssuer()
    ])
    const tenantId = await readTenantId()
    const identity = isOtherTenant(annotated.tenantId, tenantId) ? undefined : found
    const [credentials, roles] = await Promise.all([
      identity ? identityReader.readCredentials(identity) : undefined,
      identity?.principalId
        ? roleReader.readRoles(identity.principalId)
        : identity?.principalId === null
          ? []
          : undefined
    ])
    const connection = {
      namespace,
      name,
      ...annotated,
      subject,
      issuer,
      identity,
      credentials,
      roles,
      credential: credentials && findTrustingCredential(subject, issuer, credentials)
    }
    return { ...connection, problems: problemsOf(connection, { tenantId, audience }) }
  }

  const [connections, issuer] = await Promise.all([
    listAccounts().then(accounts => Promise.all(accounts.map(readConnection))),
    readIssuer(),
    identityReader.prefetch(),
    roleReader.prefetch()
  ])
  return { issuer, connections }
}

/**
 * Without the issuer, a credential for the subject might be for another cluster. A flexible credential might match the subject. If there is neither,
 * the answer is certain.
 */
function findTrustingCredential(
  subject: string,
  issuer: string | undefined,
  credentials: readonly FederatedIdentityCredential[]
): Found<FederatedIdentityCredential> {
  const exact = issuer === undefined ? undefined : credentials.find(sameTrust({ issuer, subject }))
  if (exact !== undefined) return exact
  const isPossible =
    flexibleCredentials(credentials, issuer).length > 0 ||
    (issuer === undefined && credentials.some(credential => credential.subject === subject))
  return isPossible ? undefined : null
}
